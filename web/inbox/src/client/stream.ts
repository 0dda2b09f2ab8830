// Keeps one stream open: connects, reads, notices silence, and connects again behind the last frame.

import type { Api } from './api.js'
import { refusal } from './api.js'
import { backoff, Pause } from './backoff.js'
import { SentEvents } from './sse.js'
import { type Connection, type Frame, InboxError } from './types.js'

export interface StreamOptions {
  readonly api: Api
  /** The number behind which the stream goes on; null begins with what is now. */
  readonly lastSeq: () => number | null
  readonly onFrame: (frame: Frame, resumed: boolean) => void
  readonly onConnection: (connection: Connection) => void
  readonly onError: (error: InboxError) => void
  readonly isOnline: () => boolean
  readonly chance: () => number
  /** Milliseconds until the first repeat, unless the server says another number. */
  readonly retryMilliseconds: number
  readonly silenceMilliseconds: number
}

const CONNECT_MILLISECONDS = 15_000
/** Without a stream for so many attempts, counts are polled until there is one. */
const ATTEMPTS_BEFORE_POLLING = 2
const WITHOUT_STREAM_MILLISECONDS = 300_000

export class Stream {
  readonly #options: StreamOptions
  readonly #pause = new Pause()
  #abort: AbortController | null = null
  #running = false
  #retry: number
  #failures = 0
  #refused = false

  constructor(options: StreamOptions) {
    this.#options = options
    this.#retry = options.retryMilliseconds
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    this.#options.onConnection(this.#options.isOnline() ? 'connecting' : 'offline')
    while (this.#running) {
      let wait = await this.#attempt()
      if (!this.#running) break
      // A renewed token goes on at once.
      if (wait === null) continue
      this.#options.onConnection(this.#without())
      // Whoever is offline is woken by `online`; this is for browsers that do not tell.
      if (!this.#options.isOnline()) wait = Math.max(wait, 10_000)
      await this.#pause.wait(wait)
    }
  }

  stop(): void {
    this.#running = false
    this.#abort?.abort()
    this.#pause.wake()
  }

  /** Try now rather than later. */
  wake(): void {
    this.#pause.wake()
  }

  /** The network went: nothing will come of the open connection. */
  drop(): void {
    this.#abort?.abort()
  }

  #without(): Connection {
    if (!this.#options.isOnline()) return 'offline'
    if (this.#refused) return 'refused'
    return this.#failures >= ATTEMPTS_BEFORE_POLLING ? 'polling' : 'connecting'
  }

  /** One connection from its begin to its end; milliseconds to wait then, null: none. */
  async #attempt(): Promise<number | null> {
    const { api, onError, chance } = this.#options
    try {
      const expired = await this.#connect()
      this.#failures = 0
      if (expired) api.forgetToken()
      return expired ? null : this.#retry
    } catch (reason) {
      if (!this.#running) return 0
      this.#failures += 1
      const error = reason instanceof InboxError ? reason : new InboxError('network', `${reason}`)
      this.#refused = error.code === 'token' || error.status === 401 || error.status === 403
      if (this.#refused) {
        api.forgetToken()
        onError(error)
      }
      if (error.status === 404 || error.status === 406) {
        // No stream here, and another attempt soon will not find one.
        this.#failures = Math.max(this.#failures, ATTEMPTS_BEFORE_POLLING)
        return WITHOUT_STREAM_MILLISECONDS
      }
      const asked = (error.retryAfterSeconds ?? 0) * 1000
      return Math.max(asked, backoff(this.#failures, this.#retry, chance))
    }
  }

  /** Reads until the stream ends; true when it ended because the token does. */
  async #connect(): Promise<boolean> {
    const abort = (this.#abort = new AbortController())
    const { api, silenceMilliseconds } = this.#options
    const last = this.#options.lastSeq()
    const after = last === null ? '' : `?last_event_id=${last}`
    let watch = setTimeout(() => abort.abort(), CONNECT_MILLISECONDS)
    try {
      const init = { headers: { Accept: 'text/event-stream' }, cache: 'no-store' } as const
      const answer = await api.send(`/v1/inbox/stream${after}`, init, abort.signal)
      const kind = answer.headers.get('content-type') ?? ''
      if (!answer.ok) throw await refusal(answer)
      if (!answer.body || !kind.startsWith('text/event-stream')) {
        abort.abort()
        throw new InboxError('server', 'what was answered is no stream', 406)
      }
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
      const events = new SentEvents()
      let heard = false
      for (;;) {
        clearTimeout(watch)
        watch = setTimeout(() => abort.abort(), silenceMilliseconds)
        const { done, value } = await reader.read()
        if (done) break
        for (const event of events.push(value)) {
          heard = true
          this.#refused = false
          if (this.#take(event.event, event.data, event.id, last !== null)) return true
        }
        this.#retry = events.retryMilliseconds ?? this.#retry
      }
      // Over a limit the server closes right after `retry:`.
      if (!heard) throw new InboxError('server', 'the stream closed before it began')
      return false
    } finally {
      clearTimeout(watch)
      abort.abort()
    }
  }

  #take(type: string, data: string, id: string, resumed: boolean): boolean {
    let body: Frame['data']
    try {
      body = JSON.parse(data) as Frame['data']
    } catch {
      return false // Of a newer server: what cannot be read is left out
    }
    if (type === 'hello') {
      this.#failures = 0
      this.#options.onConnection('live')
    }
    const seq = /^\d+$/.test(id) ? Number(id) : null
    this.#options.onFrame({ type, seq, data: body }, resumed)
    return type === 'session.expiring'
  }
}
