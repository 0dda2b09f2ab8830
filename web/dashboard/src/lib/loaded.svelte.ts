// What a page asked for, as rune state: data, or why not.
import { untrack } from 'svelte'
import { aborted, type Listed } from './api'
import { poll, type Poll } from './live'

export interface Loaded<T> {
  /** The newest answer; it stays while a later call fails. */
  readonly data: T | undefined
  readonly error: unknown
  /** Nothing came yet. */
  readonly loading: boolean
  /** When the newest answer came, in milliseconds; 0 before. */
  readonly at: number
  refresh: () => void
}

const NEVER_SECONDS = 86_400

/** Ask within a component: at once, whenever something reactive that `fn` reads before its first
 * await changes, and every so many seconds where that is given. */
export function loaded<T>(
  fn: (signal: AbortSignal) => Promise<T>,
  everySeconds: number | (() => number) = 0,
): Loaded<T> {
  let data = $state.raw<T | undefined>(undefined)
  let error = $state.raw<unknown>(null)
  let at = $state(0)
  let current: Poll | null = null

  $effect(() => {
    let first = true
    const polled = poll(async (signal) => {
      try {
        const found = first ? await run(signal) : await untrack(() => fn(signal))
        if (signal.aborted) return
        data = found
        error = null
        at = Date.now()
      } catch (caught) {
        if (!aborted(caught) && !signal.aborted) error = caught
        throw caught
      }
    }, (typeof everySeconds === 'number' ? everySeconds : everySeconds()) || NEVER_SECONDS)
    function run(signal: AbortSignal): Promise<T> {
      first = false
      return fn(signal)
    }
    current = polled
    return polled.stop
  })

  return {
    get data() {
      return data
    },
    get error() {
      return error
    },
    get loading() {
      return data === undefined && error === null
    },
    get at() {
      return at
    },
    refresh: () => current?.now(),
  }
}

/** A list that grows page by page, as VirtualList shows it. */
export class CursorList<T> {
  items = $state.raw<T[]>([])
  error = $state.raw<unknown>(null)
  loading = $state(false)
  done = $state(false)
  #cursor: string | null = null
  #turn = 0

  constructor(
    private readonly page: (after: string | null, signal: AbortSignal) => Promise<Listed<T>>,
  ) {}

  /** Nothing is there, and nothing will be. */
  get empty(): boolean {
    return this.done && this.items.length === 0
  }

  /** Forget everything and begin with the newest. */
  reset(): void {
    this.#turn += 1
    this.#flight?.abort()
    this.#cursor = null
    this.items = []
    this.error = null
    this.done = false
    this.loading = false
    void this.more()
  }

  #flight: AbortController | null = null

  /** The next page, unless it is under way or there is none. */
  async more(): Promise<void> {
    if (this.loading || this.done) return
    const turn = this.#turn
    this.loading = true
    this.error = null
    this.#flight = new AbortController()
    try {
      const page = await this.page(this.#cursor, this.#flight.signal)
      if (turn !== this.#turn) return
      this.#cursor = page.page_info.end_cursor
      this.items = this.items.concat(page.data)
      this.done = !page.page_info.has_next
    } catch (caught) {
      if (turn !== this.#turn || aborted(caught)) return
      this.error = caught
    }
    this.loading = false
  }

  /** Put newer ones before the others, as a live tail does. */
  prepend(newer: T[]): void {
    if (newer.length > 0) this.items = newer.concat(this.items)
  }
}
