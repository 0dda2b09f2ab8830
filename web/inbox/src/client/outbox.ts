// Marks on their way: shown at once, in order for each item, sent again when the network or the
// server was away, taken back when the server refuses them.

import type { Api } from './api.js'
import { backoff, Pause } from './backoff.js'
import { InboxError } from './types.js'

const ATTEMPTS = 6
const RETRY_MILLISECONDS = 1_000
const PATIENCE_MILLISECONDS = 1_000
/** Too early, too many, not there for now: what may pass by itself. */
const PASSING = new Set([408, 425, 429, 502, 503, 504])

export interface Sent {
  /** The item, or null for all: those wait for each other. */
  readonly id: string | null
  readonly path: string
  readonly body?: unknown
}

export class Outbox {
  readonly #api: Api
  readonly #isOnline: () => boolean
  readonly #chance: () => number
  readonly #tails = new Map<string | null, Promise<unknown>>()
  readonly #pauses = new Set<Pause>()
  #open = true

  constructor(api: Api, isOnline: () => boolean, chance: () => number) {
    this.#api = api
    this.#isOnline = isOnline
    this.#chance = chance
  }

  /** What the server answered; InboxError when it refused, or did not answer for too long. */
  send(mark: Sent): Promise<unknown> {
    // One that is tried again and again must not hold up those for all.
    const before =
      mark.id === null
        ? this.#tails.size && Promise.race([Promise.all(this.#tails.values()), patience()])
        : (this.#tails.get(mark.id) ?? this.#tails.get(null))
    // Without one before it goes out at once, as the page may be left in this moment.
    const sending = before ? before.then(() => this.#send(mark)) : this.#send(mark)
    const tail = sending.catch(() => undefined)
    this.#tails.set(mark.id, tail)
    void tail.then(() => {
      if (this.#tails.get(mark.id) === tail) this.#tails.delete(mark.id)
    })
    return sending
  }

  /** Try now what waits. */
  wake(): void {
    for (const pause of this.#pauses) pause.wake()
  }

  close(): void {
    this.#open = false
    this.wake()
  }

  async #send(mark: Sent): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await this.#api.ask('POST', mark.path, mark.body)).body
      } catch (reason) {
        const error = reason as InboxError
        const passing = error.code === 'network' || PASSING.has(error.status)
        // While offline nothing counts as an attempt.
        if (!this.#isOnline() && error.code === 'network') attempt -= 1
        if (!passing || attempt >= ATTEMPTS || !this.#open) throw error
        const asked = (error.retryAfterSeconds ?? 0) * 1000
        await this.#wait(Math.max(asked, backoff(attempt, RETRY_MILLISECONDS, this.#chance)))
        if (!this.#open) throw error
      }
    }
  }

  async #wait(milliseconds: number): Promise<void> {
    const pause = new Pause()
    this.#pauses.add(pause)
    await pause.wait(milliseconds)
    this.#pauses.delete(pause)
  }
}

function patience(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MILLISECONDS))
}
