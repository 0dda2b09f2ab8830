import { directionOf, fill, type Messages, messagesOf } from './locales.js'
import { ago, inFull } from './times.js'

const MOST_SHOWN = 99

/** How the component says things: its texts, numbers and times in one locale. */
export class Words {
  readonly direction: 'ltr' | 'rtl'
  readonly #messages: Messages
  readonly #numbers: Intl.NumberFormat
  readonly #more: string

  constructor(
    readonly locale: string,
    over: Partial<Messages> = {},
  ) {
    this.#messages = messagesOf(locale, over)
    this.#numbers = new Intl.NumberFormat(locale)
    this.#more = `${this.#numbers.format(MOST_SHOWN)}+`
    this.direction = directionOf(locale)
  }

  say(name: keyof Messages, values: Readonly<Record<string, string>> = {}): string {
    return fill(this.#messages[name], values)
  }

  /** A count as it is shown: above 99 as `99+`. */
  count(count: number): string {
    return count > MOST_SHOWN ? this.#more : this.#numbers.format(count)
  }

  ago(instant: string): string {
    return ago(instant, Date.now(), this.locale)
  }

  inFull(instant: string): string {
    return inFull(instant, this.locale)
  }

  list(names: readonly string[]): string {
    return new Intl.ListFormat(this.locale).format(names)
  }

  /** One or two letters that stand for a name. */
  initials(name: string): string {
    const parts = name.trim().split(/\s+/)
    const ends = parts.length > 1 ? [parts[0], parts.at(-1)] : [parts[0]]
    return ends.map((part) => [...(part ?? '')][0] ?? '').join('').toLocaleUpperCase(this.locale)
  }
}
