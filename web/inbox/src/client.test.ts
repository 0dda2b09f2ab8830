// @vitest-environment node
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { InboxClient, type InboxError, type InboxOptions, type InboxState } from './client.js'
import { anEntry, InboxServer } from './testing/server.js'

let server: InboxServer
let clients: InboxClient[]

beforeEach(async () => {
  server = new InboxServer()
  clients = []
  await server.listen()
})

afterEach(async () => {
  for (const client of clients) client.stop()
  await server.close()
})

function aClient(over: Partial<InboxOptions> = {}): InboxClient {
  const client = new InboxClient({
    url: server.url,
    token: () => 'good',
    shared: false,
    retryMilliseconds: 20,
    pollSeconds: 0.02,
    ...over,
  })
  clients.push(client)
  return client
}

function reaches(client: InboxClient, test: (state: InboxState) => boolean): Promise<InboxState> {
  return new Promise((resolve) => {
    let stop = (): void => undefined
    let found = false
    stop = client.subscribe((state) => {
      if (found || !test(state)) return
      found = true
      queueMicrotask(() => stop())
      resolve(state)
    })
  })
}

const live = (client: InboxClient) => reaches(client, (state) => state.connection === 'live')
const places = (state: InboxState) => state.entries.map((entry) => entry.place)

async function aLoadedClient(over: Partial<InboxOptions> = {}): Promise<InboxClient> {
  const client = aClient(over)
  client.start()
  await live(client)
  await client.load()
  return client
}

test('the counts come with the stream, before any list was asked for', async () => {
  server.add()
  const client = aClient()
  client.start()
  const state = await live(client)
  expect(state.meta).toEqual({ total: 1, unread: 1, unseen: 1 })
  expect(server.heard('GET', '/v1/inbox').map((one) => one.path)).toEqual(['/v1/inbox/stream'])
})

test('the token goes in a header, never in an address', async () => {
  await aLoadedClient()
  expect(server.requests.map((one) => one.token)).toEqual(['good', 'good'])
  expect(server.requests.every((one) => ![...one.query.values()].includes('good'))).toBe(true)
})

test('a new item is on top at once, and told as new', async () => {
  server.add()
  const client = await aLoadedClient()
  const told: string[] = []
  client.on('new', (entry) => told.push(entry.id))
  server.add()
  const state = await reaches(client, (now) => now.entries.length === 2)
  expect(places(state)).toEqual([2, 1])
  expect(told).toEqual(['itm_2'])
})

test('a mark shows before the server has answered, and stays', async () => {
  server.add()
  const client = await aLoadedClient()
  let answer = (): void => undefined
  server.holding.set('/read', new Promise((done) => (answer = done)))
  const marking = client.mark('itm_1', 'read')
  expect(client.state.entries[0]?.read_at).toBeTruthy()
  expect(client.state.meta).toEqual({ total: 1, unread: 0, unseen: 0 })
  answer()
  expect(await marking).toBe(true)
  expect(client.state.entries[0]?.version).toBe(2)
  expect(client.state.meta.unread).toBe(0)
})

test('a mark that is refused is taken back, and said', async () => {
  server.add()
  const client = await aLoadedClient()
  const said: { error: InboxError; mark?: string }[] = []
  client.on('error', (error) => said.push(error))
  server.refusing.set('/archive', 404)
  expect(await client.mark('itm_1', 'archive')).toBe(false)
  expect(places(client.state)).toEqual([1])
  expect(said).toMatchObject([{ mark: 'archive', ids: ['itm_1'], error: { status: 404 } }])
})

test('a mark is sent again when the server was busy, and shows all the while', async () => {
  server.add()
  const client = await aLoadedClient({ chance: () => 0 })
  server.refusing.set('/read', 503)
  const marking = client.mark('itm_1', 'read')
  await server.until(() => server.heard('POST', '/read').length === 1)
  server.refusing.clear()
  expect(client.state.entries[0]?.read_at).toBeTruthy()
  expect(await marking).toBe(true)
})

test('marks of one item arrive in the order in which they were made', async () => {
  server.add()
  const client = await aLoadedClient()
  await Promise.all([client.mark('itm_1', 'read'), client.mark('itm_1', 'unread')])
  expect(server.requests.slice(-2).map((one) => one.path.split('/').pop())).toEqual([
    'read',
    'unread',
  ])
  expect(client.state.entries[0]?.read_at).toBeNull()
})

test('a mark that the server cannot make is taken back at once', async () => {
  server.add()
  const client = await aLoadedClient()
  server.refusing.set('/read', 500)
  expect(await client.mark('itm_1', 'read')).toBe(false)
  expect(server.heard('POST', '/read')).toHaveLength(1)
  expect(client.state.entries[0]?.read_at).toBeNull()
})

test('a mark that waits for the server does not hold up one for all', async () => {
  server.add()
  const client = await aLoadedClient()
  server.refusing.set('/archive', 503)
  void client.mark('itm_1', 'archive')
  server.add()
  await reaches(client, (state) => state.entries.length === 1)
  expect(await client.markAll('read')).toBe(true)
})

test('mark all goes up to what is shown, with its place; what came since stays', async () => {
  server.add()
  const client = await aLoadedClient()
  client.hold(true)
  server.add()
  await reaches(client, (state) => state.above === 1)
  await client.markAll('read')
  expect(server.heard('POST', '/read-all')[0]?.body).toEqual({ up_to: 'itm_1', place: 1 })
  client.hold(false)
  expect(client.state.entries.map((entry) => !!entry.read_at)).toEqual([false, true])
  expect(client.state.meta.unread).toBe(1)
})

test('snoozing hides, with its instant; unsnoozing brings back', async () => {
  server.add()
  const client = await aLoadedClient()
  const until = new Date(Date.now() + 3_600_000)
  await client.snooze('itm_1', until)
  expect(client.state.entries).toEqual([])
  expect(server.heard('POST', '/snooze')[0]?.body).toEqual({ until: until.toISOString() })
  await client.unsnooze('itm_1')
  expect(places(client.state)).toEqual([1])
})

test('a button is recorded by its index', async () => {
  server.add({ actions: [{ label: 'Yes' }, { label: 'No' }] })
  const client = await aLoadedClient()
  expect(await client.act('itm_1', 1)).toBe(true)
  expect(server.heard('POST', '/v1/inbox/itm_1/actions/1')).toHaveLength(1)
  expect(client.state.entries[0]).toMatchObject({ chosen_action: 1 })
  expect(client.state.meta.unread).toBe(0)
})

test('of a category only the server knows what is in it: what is new is asked for', async () => {
  const client = await aLoadedClient({ filter: { category: 'social' } })
  server.add()
  server.categories.set('itm_2', 'social')
  server.add()
  const state = await reaches(client, (now) => now.entries.length > 0)
  expect(places(state)).toEqual([2])
  await client.markAll('read')
  expect(server.heard('POST', '/read-all')[0]?.body).toMatchObject({ category: 'social' })
})

test('a filter is asked of the server, and holds for what comes', async () => {
  server.add()
  server.add({ read_at: '2026-01-02T03:04:05Z' })
  const client = await aLoadedClient()
  await client.setFilter({ status: 'unread' })
  expect(server.requests.at(-1)?.query.get('status')).toBe('unread')
  expect(places(client.state)).toEqual([1])
  server.change('itm_1', { read_at: '2026-01-02T03:04:05Z' })
  await reaches(client, (state) => state.entries.length === 0)
})

test('pages follow each other at the cursor, and new items do not shift them', async () => {
  for (let count = 0; count < 5; count += 1) server.add()
  const client = await aLoadedClient({ pageSize: 2 })
  expect(client.state.hasMore).toBe(true)
  server.add()
  await reaches(client, (state) => state.entries.length === 3)
  await client.loadMore()
  expect(places(client.state)).toEqual([6, 5, 4, 3, 2])
  await client.loadMore()
  expect(client.state).toMatchObject({ hasMore: false })
  expect(places(client.state)).toEqual([6, 5, 4, 3, 2, 1])
})

test('a cut stream goes on behind its last number: nothing is lost, nothing comes twice', async () => {
  server.add()
  const client = await aLoadedClient()
  const told: string[] = []
  client.on('new', (entry) => told.push(entry.id))
  server.add()
  await reaches(client, (state) => state.entries.length === 2)
  server.cut()
  server.add()
  const state = await reaches(client, (now) => now.entries.length === 3)
  expect(server.requests.at(-1)?.query.get('last_event_id')).toBe('2')
  expect(places(state)).toEqual([3, 2, 1])
  expect(told).toEqual(['itm_2', 'itm_3'])
  expect(server.heard('GET', '/v1/inbox').filter((one) => !one.path.endsWith('stream'))).toHaveLength(1)
})

test('among the archived, what leaves the counts is looked up rather than dropped', async () => {
  server.add({ archived_at: '2026-01-02T03:04:05Z' })
  server.add()
  const client = await aLoadedClient({ filter: { archived: 'only' } })
  server.items = server.items.map((item) => ({ ...item, archived_at: '2026-01-02T03:04:05Z' }))
  server.tell('item.removed', { id: 'itm_1', meta: server.meta })
  server.tell('item.removed', { id: 'itm_2', meta: server.meta })
  const state = await reaches(client, (now) => now.entries.length === 2)
  expect(places(state)).toEqual([2, 1])
})

test('what is removed goes', async () => {
  server.add()
  const client = await aLoadedClient()
  server.remove('itm_1')
  await reaches(client, (state) => state.entries.length === 0 && state.meta.total === 0)
})

test('a reset asks for the list again', async () => {
  server.add()
  const client = await aLoadedClient()
  server.items = []
  server.tell('feed.reset', { meta: server.meta, seq: server.seq + 1 })
  await reaches(client, (state) => state.entries.length === 0 && state.list === 'ready')
})

test('a reset brings all up to date that was loaded, and shortens nothing', async () => {
  for (let n = 0; n < 160; n += 1) server.add()
  const client = await aLoadedClient({ pageSize: 10 })
  await client.loadMore()
  await client.loadMore()
  client.hold(true)
  const counts: number[] = []
  client.subscribe((state) => counts.push(state.entries.length))
  server.items = server.items.filter((item) => item.place !== 135)
  const at = server.items.findIndex((item) => item.place === 141)
  server.items[at] = anEntry(141, { read_at: '2026-01-02T03:04:05Z', version: 2 })
  server.items.push(anEntry(161))
  server.tell('feed.reset', { meta: server.meta, seq: server.seq + 1 })
  const state = await reaches(client, (now) => now.above === 1)
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(29)
  expect(places(state)).not.toContain(135)
  expect(state.entries.find((entry) => entry.place === 141)?.read_at).toBeTruthy()
  expect(state.entries).toHaveLength(99)
  await client.loadMore()
  expect(client.state.entries).toHaveLength(109)
})

test('a reset that cannot ask for the list leaves it as it was, and says so', async () => {
  server.add()
  const client = await aLoadedClient()
  const said: InboxError[] = []
  client.on('error', ({ error }) => said.push(error))
  server.refusing.set('/v1/inbox', 500)
  server.tell('feed.reset', { meta: server.meta, seq: server.seq + 1 })
  const state = await reaches(client, (now) => now.error !== null)
  expect(places(state)).toEqual([1])
  expect(said).toMatchObject([{ status: 500 }])
})

test('what came while a reset asked for the list stays in it', async () => {
  server.add()
  const client = await aLoadedClient()
  let answer = (): void => undefined
  server.holding.set('/v1/inbox', new Promise((done) => (answer = done)))
  server.tell('feed.reset', { meta: server.meta, seq: server.seq + 1 })
  await vi.waitFor(() => expect(server.heard('GET', '/v1/inbox')).toHaveLength(3))
  server.items = []
  server.tell('item.created', { entry: anEntry(2), meta: server.meta })
  await reaches(client, (state) => state.entries.length === 2)
  answer()
  const state = await reaches(client, (now) => now.entries.length === 1)
  expect(places(state)).toEqual([2])
})

test('too old a number to go on from ends in a reset', async () => {
  server.add()
  const client = await aLoadedClient()
  server.cut()
  server.items = []
  server.add({ id: 'itm_new' })
  server.add()
  server.log = []
  server.seq += 100
  const state = await reaches(client, (now) => now.entries.length === 2)
  expect(state.entries.map((entry) => entry.id)).toEqual(['itm_2', 'itm_new'])
})

test('frames that come again, or late, change nothing', async () => {
  const client = await aLoadedClient()
  const entry = server.add()
  await reaches(client, (state) => state.entries.length === 1)
  server.change(entry.id, { read_at: '2026-01-02T03:04:05Z' })
  await reaches(client, (state) => state.meta.unread === 0)
  server.tell('item.updated', { entry, meta: server.meta })
  server.add()
  const state = await reaches(client, (now) => now.entries.length === 2)
  expect(state.entries[1]?.read_at).toBeTruthy()
})

test('an expired token is renewed, once for all that wait', async () => {
  let asked = 0
  const client = aClient({ token: () => ((asked += 1) === 1 ? 'old' : 'good') })
  client.start()
  await Promise.all([live(client), client.load()])
  expect(asked).toBe(2)
})

test('a session that ends is renewed before: the stream goes on with another token', async () => {
  let asked = 0
  server.tokens.add('good1').add('good2')
  const client = await aLoadedClient({ token: () => `good${(asked += 1)}` })
  server.add()
  await reaches(client, (state) => state.entries.length === 1)
  server.tell('session.expiring', { expires_at: '2026-01-02T04:00:00Z' })
  await server.until(() => server.heard('GET', '/stream').length === 2)
  expect(server.heard('GET', '/stream').map((one) => one.token)).toEqual(['good1', 'good2'])
})

test('a page that gives no token is said to be refused, and asked again', async () => {
  let asked = 0
  const token = () => {
    asked += 1
    if (asked === 1) throw new Error('signed out')
    return 'good'
  }
  const client = aClient({ token })
  const errors: InboxError[] = []
  client.on('error', ({ error }) => errors.push(error))
  client.start()
  await reaches(client, (state) => state.connection === 'refused')
  expect(errors[0]).toMatchObject({ code: 'token', message: expect.stringContaining('signed out') })
  await live(client)
})

test('without a stream counts are polled, and only what changed is told', async () => {
  server.streams = false
  server.add()
  const client = aClient()
  client.start()
  await client.load()
  await reaches(client, (state) => state.connection === 'polling' && state.meta.total === 1)
  await server.until(() => server.heard('GET', '/counts').length > 2)
  expect(server.heard('GET', '/counts').at(-1)?.ifNoneMatch).toBeTruthy()
  server.add()
  const state = await reaches(client, (now) => now.entries.length === 2)
  expect(places(state)).toEqual([2, 1])
  server.change('itm_1', { archived_at: '2026-01-02T03:04:05Z' })
  await reaches(client, (now) => now.entries.length === 1)
})

test('a server that went away and came back is found again', async () => {
  const client = await aLoadedClient()
  const port = server.port
  await server.close()
  await reaches(client, (state) => state.connection !== 'live')
  server = Object.assign(new InboxServer(), { seq: server.seq, log: server.log })
  await server.listen(port)
  server.add()
  await reaches(client, (state) => state.connection === 'live' && state.entries.length === 1)
})

test('without a stream and without counts the server is unreachable, until it answers', async () => {
  server.streams = false
  server.refusing.set('/v1/inbox/counts', 503)
  const client = aClient()
  const seen = new Set<string>()
  client.subscribe((state) => seen.add(state.connection))
  client.start()
  await reaches(client, (state) => state.connection === 'unreachable')
  server.refusing.clear()
  await reaches(client, (state) => state.connection === 'polling')
  server.refusing.set('/v1/inbox/counts', 429)
  const asked = server.heard('GET', '/counts').length
  seen.clear()
  await server.until(() => server.heard('GET', '/counts').length > asked + 1)
  expect(seen).not.toContain('unreachable')
})

test('a stream that says nothing is given up', async () => {
  const client = aClient({ silenceSeconds: 0.05 })
  client.start()
  await live(client)
  await server.until(() => server.heard('GET', '/stream').length === 2)
})

test('a list that cannot be had says why, and can be asked for again', async () => {
  const client = aClient()
  server.refusing.set('/v1/inbox', 500)
  await client.load()
  expect(client.state).toMatchObject({ list: 'failed', error: { status: 500, code: 'server' } })
  server.refusing.clear()
  await client.load()
  expect(client.state).toMatchObject({ list: 'ready', error: null })
})

test('stopped, a client holds no connection', async () => {
  const client = await aLoadedClient()
  client.stop()
  await server.until(() => server.open.size === 0)
  expect(client.state.connection).toBe('idle')
})

const SUB = Buffer.from(JSON.stringify({ sub: 'ana', env: 1, tenant: 0 })).toString('base64url')

test('tabs of one user share one stream, and the next one takes it over', async () => {
  const token = `x.${SUB}.y`
  server.tokens.add(token)
  const [first, second] = [0, 1].map(() => aClient({ shared: true, token: () => token }))
  first?.start()
  await live(first as InboxClient)
  second?.start()
  await live(second as InboxClient)
  await second?.load()
  expect(server.heard('GET', '/stream')).toHaveLength(1)
  server.add()
  await reaches(second as InboxClient, (state) => state.entries.length === 1)
  await second?.mark('itm_1', 'read')
  await reaches(first as InboxClient, (state) => state.meta.unread === 0 && state.meta.total === 1)
  first?.stop()
  await server.until(() => server.heard('GET', '/stream').length === 2)
  expect(Number(server.requests.at(-1)?.query.get('last_event_id'))).toBeGreaterThan(0)
  server.add()
  await reaches(second as InboxClient, (state) => state.entries.length === 2)
})
