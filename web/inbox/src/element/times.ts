// Instants as people say them, and the instants that a snooze offers.

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

const formats = new Map<string, Intl.RelativeTimeFormat>()

/** "5 minutes ago", in short; "now" below a minute. */
export function ago(instant: string, now: number, locale: string): string {
  const format = formats.get(locale) ?? relative(locale)
  formats.set(locale, format)
  const seconds = Math.round((Date.parse(instant) - now) / 1000)
  for (const [unit, size] of STEPS)
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit)
  return format.format(0, 'second')
}

function relative(locale: string): Intl.RelativeTimeFormat {
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' })
}

/** Date and time in full. */
export function inFull(instant: string, locale: string): string {
  const at = Date.parse(instant)
  if (Number.isNaN(at)) return ''
  return new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' }).format(at)
}

export type Snooze = 'hour' | 'tomorrow' | 'week'
const MORNING_HOUR = 9

/** When an item comes back: in an hour, tomorrow morning, or on the morning of next Monday. */
export function snoozeUntil(snooze: Snooze, now: Date): Date {
  if (snooze === 'hour') return new Date(now.getTime() + 3_600_000)
  const days = snooze === 'tomorrow' ? 1 : ((8 - now.getDay()) % 7 || 7)
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING_HOUR)
}
