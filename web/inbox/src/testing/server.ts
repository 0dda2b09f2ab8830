// A small inbox server for tests: real sockets, its state in memory, its faults at a word.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Entry, Meta } from '../client/types.js'

const AT = '2026-01-02T03:04:05.000000Z'

export function anEntry(place: number, over: Partial<Entry> = {}): Entry {
  return {
    id: `itm_${place}`,
    notification_id: `ntf_${place}`,
    event_id: `evt_${place}`,
    title: `Item ${place}`,
    body: `Body of ${place}`,
    url: `/items/${place}`,
    image: null,
    actions: [],
    alert: true,
    created_at: AT,
    updated_at: AT,
    expires_at: null,
    seen_at: null,
    read_at: null,
    archived_at: null,
    snoozed_until: null,
    version: 1,
    place,
    ...over,
  }
}

interface Logged {
  readonly seq: number
  readonly type: string
  readonly data: Record<string, unknown>
}

export interface Heard {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly token: string
  readonly body: unknown
  readonly ifNoneMatch: string | undefined
}

export class InboxServer {
  items: Entry[] = []
  /** Which items are in a category; the others are in none. */
  categories = new Map<string, string>()
  seq = 0
  log: Logged[] = []
  requests: Heard[] = []
  tokens = new Set(['good'])
  retry = 20
  /** False: the stream is not found, as on an older server. */
  streams = true
  /** Answer requests whose path holds the key with this status, until it is taken away. */
  refusing = new Map<string, number>()
  /** Requests whose path holds the key wait for this promise. */
  holding = new Map<string, Promise<void>>()
  open = new Set<ServerResponse>()
  #server: Server
  #sockets = new Set<Socket>()
  #waiting: { test: () => boolean; done: () => void }[] = []

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response))
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  async listen(port = 0): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(port, '127.0.0.1', done))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((done) => this.#server.close(done))
  }

  get meta(): Meta {
    const counted = this.items.filter((item) => !item.archived_at && !item.snoozed_until)
    return {
      total: counted.length,
      unread: counted.filter((item) => !item.read_at).length,
      unseen: counted.filter((item) => !item.seen_at).length,
    }
  }

  /** Another item arrives, and who listens is told. */
  add(over: Partial<Entry> = {}): Entry {
    const place = Math.max(0, ...this.items.map((item) => item.place)) + 1
    const entry = anEntry(place, over)
    this.items.push(entry)
    this.tell('item.created', { entry, meta: this.meta })
    return entry
  }

  change(id: string, over: Partial<Entry>): Entry {
    const at = this.items.findIndex((item) => item.id === id)
    const item = this.items[at]
    if (!item) throw new Error(`no ${id}`)
    const entry = { ...item, ...over, version: item.version + 1 }
    this.items[at] = entry
    this.tell('item.updated', { entry, meta: this.meta })
    return entry
  }

  remove(id: string): void {
    this.items = this.items.filter((item) => item.id !== id)
    this.tell('item.removed', { id, meta: this.meta })
  }

  tell(type: string, data: Record<string, unknown>): void {
    this.seq += 1
    this.log.push({ seq: this.seq, type, data })
    for (const stream of this.open) frame(stream, type, data, this.seq)
  }

  /** End all streams, as a restart does. */
  cut(): void {
    for (const stream of this.open) stream.destroy()
    this.open.clear()
  }

  /** Resolves when the condition holds; it is looked at after each request. */
  until(test: () => boolean): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push({ test, done })
      this.#look()
    })
  }

  heard(method: string, path: string): Heard[] {
    return this.requests.filter((one) => one.method === method && one.path.includes(path))
  }

  #look(): void {
    this.#waiting = this.#waiting.filter(({ test, done }) => {
      if (!test()) return true
      done()
      return false
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://inbox')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const path = url.pathname
    const token = (request.headers.authorization ?? '').replace('Bearer ', '')
    this.requests.push({
      method: request.method ?? '',
      path,
      query: url.searchParams,
      token,
      body: text ? JSON.parse(text) : undefined,
      ifNoneMatch: request.headers['if-none-match'],
    })
    for (const [part, promise] of this.holding) if (path.includes(part)) await promise
    const refused = [...this.refusing].find(([part]) => path.includes(part))
    if (refused) say(response, refused[1], { detail: 'not now' })
    else if (!this.tokens.has(token)) say(response, 401, { detail: 'the user token is expired' })
    else if (path === '/v1/inbox/stream') this.#stream(url, response)
    else if (path === '/v1/inbox/counts') this.#counts(request, response)
    else if (path === '/v1/inbox/presence') say(response, 200, { active_until: AT })
    else if (request.method === 'GET') this.#list(url, response)
    else this.#mark(path, text, response)
    this.#look()
  }

  #stream(url: URL, response: ServerResponse): void {
    if (!this.streams) return say(response, 404, { detail: 'there is nothing here' })
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    response.write(`retry: ${this.retry}\n`)
    frame(response, 'hello', { seq: this.seq, meta: this.meta })
    const last = url.searchParams.get('last_event_id')
    if (last !== null) {
      const oldest = this.log[0]?.seq ?? this.seq + 1
      if (Number(last) < oldest - 1 || Number(last) > this.seq)
        frame(response, 'feed.reset', { meta: this.meta, seq: this.seq }, this.seq)
      else
        for (const one of this.log)
          if (one.seq > Number(last)) frame(response, one.type, one.data, one.seq)
    }
    this.open.add(response)
    response.on('close', () => {
      this.open.delete(response)
      this.#look()
    })
  }

  #counts(request: IncomingMessage, response: ServerResponse): void {
    const etag = `"${JSON.stringify(this.meta).replace(/"/g, '')}"`
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, { etag }).end()
      return
    }
    say(response, 200, this.meta, { etag })
  }

  #list(url: URL, response: ServerResponse): void {
    const status = url.searchParams.get('status') ?? 'all'
    const archived = url.searchParams.get('archived') ?? 'exclude'
    const category = url.searchParams.get('category')
    const after = Number(url.searchParams.get('after') ?? Infinity)
    const limit = Number(url.searchParams.get('limit') ?? 50)
    const found = this.items
      .filter((item) => item.place < after && (!!item.archived_at === (archived === 'only')))
      .filter((item) => status !== 'unread' || !item.read_at)
      .filter((item) => !category || this.categories.get(item.id) === category)
      .sort((a, b) => b.place - a.place)
    const entries = found.slice(0, limit)
    const has_next = found.length > limit
    const end_cursor = has_next ? String(entries.at(-1)?.place) : null
    say(response, 200, { entries, meta: this.meta, page_info: { has_next, end_cursor } })
  }

  #mark(path: string, text: string, response: ServerResponse): void {
    const [, , , id = '', what = '', number] = path.split('/')
    const word = number ?? what
    if (id.endsWith('-all')) {
      const { place } = JSON.parse(text) as { place: number }
      const which = this.items.filter((item) => item.place <= place && !item.archived_at)
      for (const item of which) this.change(item.id, marks(id.replace('-all', '')))
      return say(response, 200, { changed: which.length, meta: this.meta })
    }
    if (!this.items.some((item) => item.id === id))
      return say(response, 404, { detail: 'there is no such item in this inbox' })
    const until = text ? (JSON.parse(text) as { until?: string }).until : undefined
    const entry = this.change(id, until ? { snoozed_until: until } : marks(word))
    say(response, 200, { entry, meta: this.meta })
  }
}

function marks(word: string): Partial<Entry> {
  switch (word) {
    case 'seen':
      return { seen_at: AT }
    case 'read':
      return { seen_at: AT, read_at: AT }
    case 'unread':
      return { read_at: null }
    case 'archive':
      return { archived_at: AT }
    case 'unarchive':
      return { archived_at: null }
    case 'unsnooze':
      return { snoozed_until: null }
    default:
      return { read_at: AT, seen_at: AT, interacted_at: AT, chosen_action: Number(word) }
  }
}

function say(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

function frame(response: ServerResponse, type: string, data: unknown, seq?: number): void {
  const id = seq === undefined ? '' : `id: ${seq}\n`
  response.write(`${id}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
}
