// Asking again and again, without burdening anybody.
import { aborted } from './api'

const SLOWEST_SECONDS = 60

export interface Poll {
  /** Ask now, as after a change. */
  now: () => void
  stop: () => void
}

/** Call `fn` at once and then every so many seconds: one call at a time, none while the tab is
 * hidden, more seldom while it fails. Errors are `fn`'s to show: it throws to be asked less. */
export function poll(
  fn: (signal: AbortSignal) => Promise<unknown>,
  everySeconds: number,
): Poll {
  let timer: ReturnType<typeof setTimeout> | undefined
  let flight: AbortController | null = null
  let failures = 0
  let stopped = false
  let hurry = false

  async function ask(): Promise<void> {
    clearTimeout(timer)
    if (flight !== null) {
      hurry = true
      return
    }
    flight = new AbortController()
    try {
      await fn(flight.signal)
      failures = 0
    } catch (error) {
      if (!aborted(error)) failures += 1
    }
    flight = null
    if (stopped) return
    if (hurry) {
      hurry = false
      void ask()
    } else plan()
  }

  function plan(): void {
    clearTimeout(timer)
    if (document.hidden || stopped) return
    timer = setTimeout(() => void ask(), 1000 * waitSeconds(everySeconds, failures))
  }

  function seen(): void {
    if (document.hidden) clearTimeout(timer)
    else void ask()
  }

  document.addEventListener('visibilitychange', seen)
  void ask()
  return {
    now: () => void ask(),
    stop: () => {
      stopped = true
      clearTimeout(timer)
      flight?.abort()
      document.removeEventListener('visibilitychange', seen)
    },
  }
}

/** Twice as long after each failure in a row, up to a minute. */
export function waitSeconds(everySeconds: number, failures: number): number {
  return Math.max(everySeconds, Math.min(everySeconds * 2 ** failures, SLOWEST_SECONDS))
}
