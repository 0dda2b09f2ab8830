import { Api, type ApiOptions } from './api.js'
import { Emitter } from './emitter.js'
import { type Change, changeOfAll, Entries, marked } from './entries.js'
import { Link, type LinkOptions } from './link.js'
import { Outbox } from './outbox.js'
import { tellPresence } from './presence.js'
import { isOnline } from './surroundings.js'
import {
  type Connection,
  type Entry,
  type Filter,
  type Frame,
  InboxError,
  type InboxEvents,
  type InboxState,
  type Mark,
  type MarkAll,
  type Meta,
} from './types.js'

export interface InboxOptions extends ApiOptions, LinkOptions {
  /** Entries of a page of the list, at most 100; 25 without a word. */
  readonly pageSize?: number
  readonly filter?: Filter
  /** Tell Clarion while somebody is at this page, so that a push can wait. */
  readonly presence?: boolean
}

interface Page {
  readonly entries: readonly Entry[]
  readonly meta: Meta
  readonly page_info: { readonly has_next: boolean; readonly end_cursor: string | null }
}

interface MarkedAnswer {
  readonly entry?: Entry
  readonly meta?: Meta
}

const REFRESH_MILLISECONDS = 250
/** The most entries that the server gives in a page, and the most pages that a renewal asks for. */
const LARGEST_PAGE = 100
const RENEWED_PAGES = 10
const NO_COUNTS: Meta = { total: 0, unread: 0, unseen: 0 }

/**
 * A user's inbox, kept up to date. `start()` connects, `load()` asks for the list; `subscribe` and
 * `state` say how it stands. It shows marks at once and takes them back when they are refused.
 */
export class InboxClient {
  readonly #api: Api
  readonly #options: InboxOptions
  readonly #entries = new Entries()
  readonly #emitter = new Emitter<InboxEvents>()
  readonly #outbox: Outbox
  readonly #link: Link
  #stops: (() => void)[] = []

  #meta = NO_COUNTS
  #counted = false
  /** Grows with counts that the stream told; an answer to a request from before is older. */
  #told = 0
  #connection: Connection = 'idle'
  #list: InboxState['list'] = 'no'
  #loadingMore = false
  #error: InboxError | null = null
  #cursor: string | null = null
  #newestPlace = 0
  #loads = 0
  #refreshing = false
  #state: InboxState | null = null
  #telling = false

  constructor(options: InboxOptions) {
    this.#options = options
    this.#api = new Api(options)
    this.#outbox = new Outbox(this.#api, isOnline, options.chance ?? Math.random)
    this.#link = new Link(this.#api, options, {
      onFrame: (frame, reset) => this.#take(frame, reset),
      onPolled: (meta) => this.#polled(meta),
      onConnection: (connection) => this.#connected(connection),
      onError: (error) => this.#emitter.emit('error', { error }),
    })
    this.#entries.filter = options.filter ?? {}
  }

  get state(): InboxState {
    return (this.#state ??= this.#shown())
  }

  /** Hear every new state, beginning with the present one; the answer stops it. */
  subscribe(listener: (state: InboxState) => void): () => void {
    const stop = this.#emitter.on('change', listener)
    listener(this.state)
    return stop
  }

  on<Name extends keyof InboxEvents>(
    name: Name,
    listener: (detail: InboxEvents[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener)
  }

  /** An item by its id, also one that the list does not show. */
  entry(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  /** Connect, and stay connected until `stop`. */
  start(): void {
    if (this.#stops.length) return
    if (this.#options.presence && typeof document !== 'undefined')
      this.#stops.push(tellPresence(this.#api))
    const aging = setInterval(() => this.#changed(), 60_000)
    this.#stops.push(() => clearInterval(aging))
    this.#link.start()
  }

  /** Close the connection. Marks that wait for the network are given up. */
  stop(): void {
    for (const stop of this.#stops.splice(0)) stop()
    this.#link.stop()
    this.#outbox.close()
  }

  /** Ask for the first page of the list, as if for the first time. */
  async load(): Promise<void> {
    const load = (this.#loads += 1)
    const [turn, told] = [this.#entries.turn, this.#told]
    if (this.#list !== 'ready') this.#list = 'loading'
    this.#error = null
    this.#changed()
    try {
      const page = await this.#page(null)
      if (load !== this.#loads) return
      this.#entries.page(page.entries, true, page.page_info.has_next, turn)
      this.#took(page, told)
      this.#list = 'ready'
    } catch (reason) {
      if (load !== this.#loads) return
      this.#error = reason as InboxError
      if (this.#list === 'loading') this.#list = 'failed'
      this.#emitter.emit('error', { error: this.#error })
    }
    this.#changed()
  }

  /** Ask for the next page; nothing where there is none, or one is on its way. */
  async loadMore(): Promise<void> {
    if (this.#loadingMore || !this.#entries.hasMore || this.#list !== 'ready') return
    const [load, turn, told] = [this.#loads, this.#entries.turn, this.#told]
    this.#loadingMore = true
    this.#changed()
    try {
      const page = await this.#page(this.#cursor)
      if (load === this.#loads) {
        this.#entries.page(page.entries, false, page.page_info.has_next, turn)
        this.#took(page, told)
      }
    } catch (reason) {
      this.#emitter.emit('error', { error: reason as InboxError })
    }
    this.#loadingMore = false
    this.#changed()
  }

  /** Show other items: a list that was loaded is loaded anew. */
  setFilter(filter: Filter): Promise<void> {
    const loaded = this.#list !== 'no'
    this.#entries.filter = filter
    this.#entries.clear()
    this.#list = loaded ? 'loading' : 'no'
    return loaded ? this.load() : Promise.resolve()
  }

  /** True: what is new waits above (`state.above`) and the list stays as it is. False: show it. */
  hold(still: boolean): void {
    this.#entries.hold(still)
    this.#changed()
  }

  /** Mark an item; true when the server took it. */
  mark(id: string, mark: Mark): Promise<boolean> {
    return this.#change(id, mark, undefined, (entry, now) => marked(entry, mark, now))
  }

  /**
   * Mark all that the list may show (its category and workflow), up to the newest item that it
   * shows or the one named: what came since stays as it is.
   */
  async markAll(mark: MarkAll, upTo: Entry | undefined = this.#entries.newest()): Promise<boolean> {
    if (!upTo) return false
    const change = changeOfAll(mark, upTo.place, new Date().toISOString())
    const body = { up_to: upTo.id, place: upTo.place, ...this.#narrowed() }
    const path = `/v1/inbox/${mark}-all`
    return this.#send({ id: null, path, body }, `${mark}-all`, change)
  }

  /** Hide an item until then; it comes back as a new one. */
  snooze(id: string, until: Date): Promise<boolean> {
    const instant = until.toISOString()
    const body = { until: instant }
    return this.#change(id, 'snooze', body, (entry) => ({ ...entry, snoozed_until: instant }))
  }

  unsnooze(id: string): Promise<boolean> {
    return this.#change(id, 'unsnooze', undefined, (entry) => ({ ...entry, snoozed_until: null }))
  }

  /** Record that the user chose the action with this index of `entry.actions`: the item is read. */
  act(id: string, index: number): Promise<boolean> {
    return this.#change(id, `actions/${index}`, undefined, (entry, now) => ({
      ...marked(entry, 'read', now),
      chosen_action: index,
    }))
  }

  /** What of the filter only the server can tell of an item. */
  #narrowed(): Filter {
    const { category, workflow } = this.#entries.filter
    return { ...(category && { category }), ...(workflow && { workflow }) }
  }

  #change(
    id: string,
    word: string,
    body: unknown,
    to: (entry: Entry, now: string) => Entry,
  ): Promise<boolean> {
    const now = new Date().toISOString()
    const change = {
      applies: (entry: Entry) => entry.id === id,
      to: (entry: Entry) => to(entry, now),
    }
    const path = `/v1/inbox/${encodeURIComponent(id)}/${word}`
    return this.#send({ id, path, body }, word, change)
  }

  async #send(
    sent: { id: string | null; path: string; body: unknown },
    mark: string,
    change: Change,
  ): Promise<boolean> {
    const undo = this.#entries.begin(change)
    const told = this.#told
    this.#changed()
    try {
      const answer = (await this.#outbox.send(sent)) as MarkedAnswer
      if (answer.entry) this.#entries.put(answer.entry, true)
      else this.#entries.settle(change)
      if (answer.meta) this.#count(answer.meta, told)
      return true
    } catch (reason) {
      const ids = sent.id === null ? [] : [sent.id]
      this.#emitter.emit('error', { error: reason as InboxError, mark, ids })
      return false
    } finally {
      undo()
      this.#changed()
    }
  }

  async #page(after: string | null, limit = this.#options.pageSize ?? 25): Promise<Page> {
    const query = new URLSearchParams({ limit: String(limit) })
    for (const [name, value] of Object.entries(this.#entries.filter))
      if (value && value !== 'all' && value !== 'exclude') query.set(name, value)
    if (after) query.set('after', after)
    return (await this.#api.ask('GET', `/v1/inbox?${query}`)).body as Page
  }

  #took(page: Page, told: number): void {
    this.#cursor = page.page_info.end_cursor
    for (const entry of page.entries)
      this.#newestPlace = Math.max(this.#newestPlace, entry.place)
    this.#count(page.meta, told)
  }

  /** Counts that an answer tells; those of the stream, where some came since, are newer. */
  #count(meta: Meta, told: number): void {
    if (told !== this.#told) return
    this.#meta = meta
    this.#counted = true
  }

  #take(frame: Frame, reset: boolean): void {
    const { type, data } = frame
    if (data.entry) this.#takeEntry(type, data.entry)
    if (type === 'item.removed' && data.id) this.#left(data.id)
    if (data.meta) {
      this.#told += 1
      this.#meta = data.meta
      this.#counted = true
    }
    // What changed between the list and the begin of the stream is in neither.
    if (reset && this.#list === 'ready') void this.#renew()
    else if (reset && this.#list !== 'no') void this.load()
    this.#changed()
  }

  /** An item is in no count any more: gone for good, or to the archive, or snoozed. */
  #left(id: string): void {
    const { archived, snoozed } = this.#entries.filter
    const mayShow = (archived ?? 'exclude') !== 'exclude' || (snoozed ?? 'exclude') !== 'exclude'
    if (mayShow) void this.#refreshSoon()
    else this.#entries.remove(id)
  }

  #takeEntry(type: string, entry: Entry): void {
    const known = this.#entries.get(entry.id)
    const higher = entry.place > (known?.place ?? this.#newestPlace)
    this.#newestPlace = Math.max(this.#newestPlace, entry.place)
    if (!known && Object.keys(this.#narrowed()).length) void this.#refreshSoon()
    else if (!this.#entries.put(entry)) return
    if (!entry.seen_at && !entry.archived_at && (higher || (type === 'item.created' && !known)))
      this.#emitter.emit('new', entry)
  }

  #polled(meta: Meta): void {
    this.#meta = meta
    this.#counted = true
    this.#changed()
    if (this.#list === 'ready') void this.#refresh()
  }

  /** Once for all that come in the same moment. */
  async #refreshSoon(): Promise<void> {
    if (this.#refreshing) return
    this.#refreshing = true
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MILLISECONDS))
    this.#refreshing = false
    await this.#refresh()
  }

  /** Bring the first page up to date, and keep those behind it. */
  async #refresh(): Promise<void> {
    const [load, turn] = [this.#loads, this.#entries.turn]
    const page = await this.#page(null).catch(() => null)
    if (!page || load !== this.#loads || this.#list !== 'ready') return
    const before = this.#newestPlace
    for (const entry of [...page.entries].reverse()) {
      this.#newestPlace = Math.max(this.#newestPlace, entry.place)
      const fresh = entry.place > before && !entry.seen_at && !entry.archived_at
      if (this.#entries.put(entry) && fresh) this.#emitter.emit('new', entry)
    }
    this.#entries.lacking(page.entries, page.page_info.has_next, turn)
    this.#changed()
  }

  /** Bring all that the list shows up to date: who reads deep in it stays where they are. */
  async #renew(): Promise<void> {
    const load = (this.#loads += 1)
    const [turn, told] = [this.#entries.turn, this.#told]
    const usual = this.#options.pageSize ?? 25
    const limit = this.#entries.size > usual ? LARGEST_PAGE : usual
    try {
      const entries: Entry[] = []
      let page: Page | null = null
      for (let pages = 0; pages < RENEWED_PAGES; pages += 1) {
        page = await this.#page(page?.page_info.end_cursor ?? null, limit)
        if (load !== this.#loads) return
        entries.push(...page.entries)
        if (!page.page_info.has_next || !this.#entries.goesOnBelow(entries)) break
      }
      if (!page) return
      const cursor = this.#cursor
      const isWhole = this.#entries.renew(entries, page.page_info.has_next, turn)
      this.#took({ ...page, entries }, told)
      if (!isWhole) this.#cursor = cursor
    } catch (reason) {
      if (load !== this.#loads) return
      this.#error = reason as InboxError
      this.#emitter.emit('error', { error: this.#error })
    }
    this.#changed()
  }

  #connected(connection: Connection): void {
    this.#connection = connection
    if (connection === 'live') {
      this.#outbox.wake()
      // Asked for while the network was gone.
      if (this.#list === 'failed') void this.load()
    }
    this.#changed()
  }

  #changed(): void {
    this.#state = null
    if (this.#telling) return
    this.#telling = true
    queueMicrotask(() => {
      this.#telling = false
      this.#emitter.emit('change', this.state)
    })
  }

  #shown(): InboxState {
    const { entries, above } = this.#entries.visible()
    return {
      entries,
      above,
      meta: this.#entries.meta(this.#meta),
      counted: this.#counted,
      connection: this.#connection,
      filter: this.#entries.filter,
      list: this.#list,
      loadingMore: this.#loadingMore,
      hasMore: this.#entries.hasMore,
      error: this.#error,
    }
  }
}
