// How news arrive: by the stream of this tab, by another tab's, or by asking for the counts.

import type { Api } from './api.js'
import { backoff, Pause } from './backoff.js'
import { Stream } from './stream.js'
import { isOnline, isVisible, watch } from './surroundings.js'
import { type Message, nameOf, Tabs } from './tabs.js'
import type { Connection, Frame, InboxError, Meta } from './types.js'

export interface LinkOptions {
  /** False: this tab has a stream of its own, beside those of others. */
  readonly shared?: boolean
  /** How often counts are asked for where there is no stream; 30 without a word. */
  readonly pollSeconds?: number
  /** Milliseconds before the first attempt to reconnect, until the server names them. */
  readonly retryMilliseconds?: number
  /** A stream silent for so long is taken for dead; the server says something every 20 s. */
  readonly silenceSeconds?: number
  /** Numbers from 0 to below 1 that spread reconnects. */
  readonly chance?: () => number
}

export interface Heard {
  /** A frame that was not heard before. `reset`: what is known may have gaps. */
  readonly onFrame: (frame: Frame, reset: boolean) => void
  readonly onPolled: (meta: Meta) => void
  readonly onConnection: (connection: Connection) => void
  readonly onError: (error: InboxError) => void
}

const TOKEN_RETRY_MILLISECONDS = 2_000

export class Link {
  readonly #api: Api
  readonly #options: LinkOptions
  readonly #heard: Heard
  readonly #chance: () => number
  readonly #pause = new Pause()
  #tabs: Tabs | null = null
  #stream: Stream | null = null
  #unwatch: (() => void) | null = null
  /** Grows with each begin and end; what an earlier one still says is left out. */
  #run = 0
  #connection: Connection = 'idle'
  /** Counts were asked for and not had: there is not only no stream. */
  #silent = false
  #lastSeq: number | null = null
  #meta: Meta | null = null
  #etag: string | null = null

  constructor(api: Api, options: LinkOptions, heard: Heard) {
    this.#api = api
    this.#options = options
    this.#heard = heard
    this.#chance = options.chance ?? Math.random
  }

  start(): void {
    if (this.#unwatch) return
    this.#unwatch = watch({
      onOnline: () => this.wake(),
      onOffline: () => {
        this.#connected('offline')
        this.#stream?.drop()
      },
      onVisible: () => this.wake(),
      onFrozen: () => this.#leave(),
      onThawed: () => void this.#join(),
    })
    void this.#join()
  }

  stop(): void {
    this.#unwatch?.()
    this.#unwatch = null
    this.#leave()
    this.#connected('idle')
  }

  /** Try now what would be tried later. */
  wake(): void {
    this.#stream?.wake()
    this.#pause.wake()
  }

  async #join(): Promise<void> {
    const run = (this.#run += 1)
    this.#connected(isOnline() ? 'connecting' : 'offline')
    const name = this.#options.shared === false ? null : await this.#name(run)
    if (run !== this.#run) return
    this.#tabs = new Tabs({
      onLead: () => this.#lead(run),
      onMessage: (message) => this.#told(message),
    })
    this.#tabs.join(name)
  }

  /** Whose stream it is, as the token says. */
  async #name(run: number): Promise<string | null> {
    for (let failures = 1; run === this.#run; failures += 1)
      try {
        return nameOf(this.#api.url, await this.#api.token())
      } catch (reason) {
        if (run !== this.#run) break
        this.#connected(isOnline() ? 'refused' : 'offline')
        this.#heard.onError(reason as InboxError)
        await this.#pause.wait(backoff(failures, TOKEN_RETRY_MILLISECONDS, this.#chance))
      }
    return null
  }

  #leave(): void {
    this.#run += 1
    this.#stream?.stop()
    this.#stream = null
    this.#tabs?.leave()
    this.#tabs = null
    this.#pause.wake()
  }

  #lead(run: number): void {
    const current = () => run === this.#run
    this.#stream = new Stream({
      api: this.#api,
      lastSeq: () => this.#lastSeq,
      onFrame: (frame, resumed) => {
        if (!current()) return
        this.#tabs?.say({ op: 'frame', frame, resumed })
        this.#take(frame, resumed)
      },
      onConnection: (connection) => {
        if (!current()) return
        if (connection !== 'polling') this.#silent = false
        this.#stands(this.#silent ? 'unreachable' : connection)
      },
      onError: this.#heard.onError,
      isOnline,
      chance: this.#chance,
      retryMilliseconds: this.#options.retryMilliseconds ?? 2_000,
      silenceMilliseconds: (this.#options.silenceSeconds ?? 50) * 1000,
    })
    void this.#stream.run()
    void this.#pollWhile(current)
  }

  /** What another tab says. */
  #told(message: Message): void {
    switch (message.op) {
      case 'frame':
        this.#take(message.frame, message.resumed)
        break
      case 'poll':
        this.#polled(message.meta)
        break
      case 'connection':
        this.#connected(message.connection)
        break
      case 'who':
        if (this.#tabs?.leads) this.#answer()
        break
      case 'here':
        this.#connected(message.connection)
        if (message.meta && this.#lastSeq === null)
          this.#take({ type: 'hello', seq: message.seq, data: { meta: message.meta } }, false)
    }
  }

  #answer(): void {
    const [seq, meta, connection] = [this.#lastSeq, this.#meta, this.#connection]
    this.#tabs?.say({ op: 'here', seq, meta, connection })
  }

  #take(frame: Frame, resumed: boolean): void {
    const { type, data } = frame
    const seq = frame.seq ?? data.seq ?? null
    const hello = type === 'hello'
    const reset = type === 'feed.reset' || (hello && (!resumed || this.#lastSeq === null))
    // At least once: what was heard already is left out. A reset may begin at a lower number.
    if (!reset && !hello && seq !== null && seq <= (this.#lastSeq ?? -1)) return
    // A stream that goes on greets with the newest number; what it has to replay comes after.
    if (seq !== null && (reset || !hello)) this.#lastSeq = seq
    this.#meta = data.meta ?? this.#meta
    this.#heard.onFrame(frame, reset)
  }

  async #pollWhile(current: () => boolean): Promise<void> {
    const every = (this.#options.pollSeconds ?? 30) * 1000
    while (current()) {
      const polls = this.#connection === 'polling' || this.#connection === 'unreachable'
      if (polls && isVisible()) await this.#poll(current)
      await this.#pause.wait(every * (0.75 + this.#chance() / 2))
    }
  }

  async #poll(current: () => boolean): Promise<void> {
    try {
      const answer = await this.#api.ask('GET', '/v1/inbox/counts', undefined, this.#etag)
      this.#etag = answer.etag
      this.#heardOf(current, false)
      if (answer.status === 304 || !answer.body) return
      const said = answer.body as Meta | { readonly meta: Meta }
      const meta = 'meta' in said ? said.meta : said
      this.#tabs?.say({ op: 'poll', meta })
      this.#polled(meta)
    } catch (reason) {
      const error = reason as InboxError
      // One that is too busy for this is there.
      if (error.code === 'network' || error.status >= 500) this.#heardOf(current, true)
      this.#heard.onError(error)
    }
  }

  /** What came of asking for the counts, while there is no stream. */
  #heardOf(current: () => boolean, silent: boolean): void {
    if (!current() || this.#connection !== (silent ? 'polling' : 'unreachable')) return
    this.#silent = silent
    this.#stands(silent ? 'unreachable' : 'polling')
  }

  /** How this tab's stream stands, for all tabs. */
  #stands(connection: Connection): void {
    this.#tabs?.say({ op: 'connection', connection })
    this.#connected(connection)
  }

  #polled(meta: Meta): void {
    this.#meta = meta
    this.#heard.onPolled(meta)
  }

  #connected(connection: Connection): void {
    if (connection === this.#connection) return
    this.#connection = connection
    if (connection === 'polling') this.#pause.wake()
    this.#heard.onConnection(connection)
  }
}
