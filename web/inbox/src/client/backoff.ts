// How long to wait before the next attempt.

export const LONGEST_MILLISECONDS = 60_000

/**
 * Milliseconds before attempt `failures + 1`. The first repeat goes by what the server said (it
 * spreads its clients by that); then twice as long each time, half of it by chance.
 */
export function backoff(failures: number, retry: number, chance: () => number): number {
  if (failures <= 0) return retry
  const most = Math.min(LONGEST_MILLISECONDS, retry * 2 ** Math.min(failures, 10))
  return most / 2 + (most / 2) * chance()
}

/** Resolves after the time, at once with `wake`, rejects never. `wake` is set while it waits. */
export class Pause {
  #wake: (() => void) | null = null

  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake(), milliseconds)
      this.#wake = () => {
        clearTimeout(timer)
        this.#wake = null
        resolve()
      }
    })
  }

  wake(): void {
    this.#wake?.()
  }
}
