import axe from 'axe-core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { InboxClient } from '../client.js'
import '../index.js'
import { anEntry, InboxServer } from '../testing/server.js'
import type { ClarionInbox } from './clarion-inbox.js'

let server: InboxServer
let client: InboxClient | null

beforeEach(async () => {
  server = new InboxServer()
  client = null
  await server.listen()
})

afterEach(async () => {
  document.body.replaceChildren()
  client?.stop()
  await server.close()
})

/** A component on the page, connected to the server. */
async function anInbox(attributes: Record<string, string> = {}): Promise<ClarionInbox> {
  const element = document.createElement('clarion-inbox')
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  const options = { url: server.url, token: () => 'good', shared: false, retryMilliseconds: 20 }
  element.client = client = new InboxClient(options)
  client.start()
  document.body.append(element)
  await vi.waitFor(() => expect(client?.state.connection).toBe('live'))
  await settled(element)
  return element
}

async function anOpenInbox(attributes: Record<string, string> = {}): Promise<ClarionInbox> {
  const element = await anInbox(attributes)
  bell(element).click()
  await vi.waitFor(() => expect(client?.state.list).toBe('ready'))
  await settled(element)
  return element
}

async function settled(element: ClarionInbox): Promise<void> {
  await Promise.resolve()
  while (!(await element.updateComplete));
}

function all(element: ClarionInbox, selector: string): HTMLElement[] {
  return [...(element.shadowRoot?.querySelectorAll<HTMLElement>(selector) ?? [])]
}

function one(element: ClarionInbox, selector: string): HTMLElement {
  const [found] = all(element, selector)
  if (!found) throw new Error(`there is no ${selector}`)
  return found
}

const bell = (element: ClarionInbox) => one(element, '[part=bell]')
const items = (element: ClarionInbox) => all(element, '[role=feed] article')
const titles = (element: ClarionInbox) =>
  all(element, '[role=feed] [part=item-title]').map((title) => title.textContent?.trim())
const focused = (element: ClarionInbox) => element.shadowRoot?.activeElement as HTMLElement
const named = (element: ClarionInbox, name: string) =>
  all(element, 'button, a').find(
    (found) => (found.getAttribute('aria-label') ?? found.textContent?.trim()) === name,
  ) as HTMLElement

async function press(element: ClarionInbox, key: string, over: KeyboardEventInit = {}): Promise<void> {
  const target = focused(element) ?? element
  const event = new KeyboardEvent('keydown', {
    key,
    bubbles: true,
    composed: true,
    cancelable: true,
    ...over,
  })
  target.dispatchEvent(event)
  await settled(element)
}

async function violations(element: ClarionInbox): Promise<string[]> {
  const rules = { 'color-contrast': { enabled: false }, region: { enabled: false } }
  const found = await axe.run(element, { rules })
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join()}`)
}

test('the bell says how many are new, up to 99', async () => {
  server.items = Array.from({ length: 120 }, (_, index) => anEntry(index + 1))
  const element = await anInbox()
  expect(one(element, '[part=badge]').textContent).toBe('99+')
  expect(bell(element).getAttribute('aria-label')).toBe('Notifications, 99+ new')
})

test('nothing new: no badge', async () => {
  const element = await anInbox()
  expect(all(element, '[part=badge]')).toEqual([])
  expect(bell(element).getAttribute('aria-label')).toBe('Notifications')
})

test('opened it takes the focus, shows the list, and what is shown becomes seen', async () => {
  server.add()
  server.add()
  const element = await anOpenInbox()
  expect(focused(element).getAttribute('role')).toBe('dialog')
  expect(titles(element)).toEqual(['Item 2', 'Item 1'])
  await vi.waitFor(() => expect(all(element, '[part=badge]')).toEqual([]), 3000)
  await vi.waitFor(() => expect(server.meta).toMatchObject({ unread: 2, unseen: 0 }))
  expect(server.heard('POST', '/seen-all')[0]?.body).toEqual({ up_to: 'itm_2', place: 2 })
})

test('Escape closes it and gives the focus back to the bell', async () => {
  const element = await anOpenInbox()
  await press(element, 'Escape')
  expect(element.open).toBe(false)
  expect(focused(element)).toBe(bell(element))
  expect(bell(element).getAttribute('aria-expanded')).toBe('false')
})

test('a press elsewhere on the page closes it', async () => {
  const element = await anOpenInbox()
  document.body.dispatchEvent(new Event('pointerdown', { bubbles: true, composed: true }))
  expect(element.open).toBe(false)
})

test('what comes from the server is text, and odd addresses are no links', async () => {
  const evil = '<img src=x onerror="window.planted=1"><script>window.planted=1</script>'
  server.add({
    title: evil,
    body: evil,
    url: 'javascript:window.planted=1',
    image: 'javascript:window.planted=1',
    actors: [evil, evil],
    actions: [{ label: evil, url: 'data:text/html,x' }],
  })
  const element = await anOpenInbox()
  expect(titles(element)).toEqual([evil])
  expect(all(element, 'article a, article img, article script')).toEqual([])
  expect((window as { planted?: number }).planted).toBeUndefined()
})

test('one item is reached by Tab, the arrows go on from it and stop at the ends', async () => {
  for (let count = 0; count < 3; count += 1) server.add()
  const element = await anOpenInbox()
  expect(items(element).map((item) => item.tabIndex)).toEqual([0, -1, -1])
  items(element)[0]?.focus()
  await press(element, 'ArrowDown')
  await press(element, 'ArrowDown')
  await press(element, 'ArrowDown')
  expect(focused(element).dataset['id']).toBe('itm_1')
  expect(items(element).map((item) => item.tabIndex)).toEqual([-1, -1, 0])
  await press(element, 'Home')
  expect(focused(element).dataset['id']).toBe('itm_3')
})

test('Delete archives, and the focus goes to the item in its place', async () => {
  for (let count = 0; count < 3; count += 1) server.add()
  const element = await anOpenInbox()
  items(element)[1]?.focus()
  await press(element, 'Delete')
  await vi.waitFor(() => expect(titles(element)).toEqual(['Item 3', 'Item 1']))
  expect(focused(element).dataset['id']).toBe('itm_1')
  await vi.waitFor(() => expect(server.items[1]?.archived_at).toBeTruthy())
})

test('r marks as read and as unread again', async () => {
  server.add()
  const element = await anOpenInbox()
  items(element)[0]?.focus()
  await press(element, 'r')
  await vi.waitFor(() => expect(server.items[0]?.read_at).toBeTruthy())
  await vi.waitFor(() => expect(items(element)[0]?.classList).not.toContain('unread'))
  await press(element, 'r')
  await vi.waitFor(() => expect(server.items[0]?.read_at).toBeNull())
})

test('Enter opens an item: the page is asked, and the item is read', async () => {
  server.add()
  const element = await anOpenInbox()
  const opened: unknown[] = []
  element.addEventListener('clarion-item', (event) => {
    opened.push((event as CustomEvent<{ entry: { id: string } }>).detail.entry.id)
    event.preventDefault()
  })
  expect(one(element, 'article a').getAttribute('href')).toBe('/items/1')
  items(element)[0]?.focus()
  await press(element, 'Enter')
  expect(opened).toEqual(['itm_1'])
  expect(element.open).toBe(false)
  await vi.waitFor(() => expect(server.items[0]?.read_at).toBeTruthy())
})

test('the menu of an item is walked by arrows, and Escape leads back', async () => {
  server.add()
  const element = await anOpenInbox()
  const more = named(element, 'More for Item 1')
  more.click()
  await settled(element)
  expect(focused(element).textContent?.trim()).toBe('Mark as read')
  expect(await violations(element)).toEqual([])
  await press(element, 'ArrowUp')
  expect(focused(element).textContent?.trim()).toBe('Snooze until next week')
  await press(element, 'Escape')
  expect(element.open).toBe(true)
  expect(focused(element)).toBe(more)
})

test('a snoozed item leaves the list, and is found among the snoozed', async () => {
  server.add()
  const element = await anOpenInbox()
  named(element, 'More for Item 1').click()
  await settled(element)
  named(element, 'Snooze for an hour').click()
  await vi.waitFor(() => expect(titles(element)).toEqual([]))
  await vi.waitFor(() => expect(server.items[0]?.snoozed_until).toBeTruthy())
  named(element, 'Snoozed').click()
  await vi.waitFor(() => expect(titles(element)).toEqual(['Item 1']))
})

test('tabs choose by click and by arrow', async () => {
  server.add({ archived_at: '2026-01-02T03:04:05Z', title: 'Old' })
  server.add()
  const element = await anOpenInbox()
  named(element, 'Archived').click()
  await vi.waitFor(() => expect(titles(element)).toEqual(['Old']))
  named(element, 'Archived').focus()
  await press(element, 'ArrowRight')
  await vi.waitFor(() => expect(titles(element)).toEqual(['Item 2']))
  expect(focused(element).id).toBe('tab-0')
  expect(focused(element).getAttribute('aria-selected')).toBe('true')
})

test('the filter narrows the list by category', async () => {
  server.categories.set('itm_1', 'social')
  server.add()
  server.add()
  const element = await anInbox({ filters: '[{"label": "Social", "category": "social"}]' })
  element.show()
  await vi.waitFor(() => expect(titles(element)).toHaveLength(2))
  const select = one(element, 'select') as HTMLSelectElement
  select.value = '0'
  select.dispatchEvent(new Event('change', { bubbles: true }))
  await vi.waitFor(() => expect(titles(element)).toEqual(['Item 1']))
})

test('all are marked as read up to the newest that is shown', async () => {
  server.add()
  const element = await anOpenInbox()
  named(element, 'Mark all as read').click()
  await vi.waitFor(() => expect(server.items[0]?.read_at).toBeTruthy())
  expect(server.heard('POST', '/read-all')[0]?.body).toEqual({ up_to: 'itm_1', place: 1 })
})

test('buttons of an item are recorded, and those with an address are links', async () => {
  server.add({ actions: [{ label: 'Accept' }, { label: 'Look', url: '/look' }] })
  const element = await anOpenInbox()
  const used: unknown[] = []
  element.addEventListener('clarion-action', (event) =>
    used.push((event as CustomEvent<{ index: number }>).detail.index),
  )
  expect(named(element, 'Look').getAttribute('href')).toBe('/look')
  named(element, 'Accept').click()
  expect(used).toEqual([0])
  await vi.waitFor(() => expect(server.heard('POST', '/actions/0')).toHaveLength(1))
  await vi.waitFor(() => expect(named(element, 'Accept').getAttribute('aria-pressed')).toBe('true'))
})

test('an item that tells several shows who', async () => {
  server.add({ actors: ['Sydney Lee', 'Ana', 'Ben', 'Cem'], total_actors: 20, aggregation_key: '7' })
  const element = await anOpenInbox()
  const shown = all(element, '[part=item-actors] span').map((actor) => actor.textContent)
  expect(shown).toEqual(['SL', 'A', 'B', '+17'])
})

test('what is new waits above while the list is held still', async () => {
  server.add()
  const element = await anOpenInbox()
  client?.hold(true)
  server.add()
  await vi.waitFor(() => expect(all(element, '[part=above]')).toHaveLength(1))
  expect(titles(element)).toEqual(['Item 1'])
  named(element, '1 new').click()
  await vi.waitFor(() => expect(titles(element)).toEqual(['Item 2', 'Item 1']))
  await vi.waitFor(() => expect(focused(element).dataset['id']).toBe('itm_2'))
})

test('more is loaded on request', async () => {
  server.items = Array.from({ length: 30 }, (_, index) => anEntry(index + 1))
  const element = await anOpenInbox()
  expect(items(element)).toHaveLength(25)
  expect(items(element)[0]?.getAttribute('aria-setsize')).toBe('-1')
  named(element, 'Load more').click()
  await vi.waitFor(() => expect(items(element)).toHaveLength(30))
})

test('a new item is told by a toast in a polite region, until it was seen elsewhere', async () => {
  const element = await anInbox()
  server.add({ title: 'Fresh' })
  await vi.waitFor(() => expect(one(element, '[part=toast]').textContent).toContain('Fresh'))
  expect(one(element, '[part=toasts]').getAttribute('aria-live')).toBe('polite')
  expect(await violations(element)).toEqual([])
  server.change('itm_1', { seen_at: '2026-01-02T03:04:05Z' })
  await vi.waitFor(() => expect(all(element, '[part=toast]')).toEqual([]))
})

test('no toast for what is not to ring, nor where the page says no', async () => {
  const element = await anInbox()
  element.addEventListener('clarion-new', (event) => {
    const { entry } = (event as CustomEvent<{ entry: { title: string } }>).detail
    if (entry.title === 'No') event.preventDefault()
  })
  server.add({ alert: false, title: 'Quiet' })
  server.add({ title: 'No' })
  server.add({ title: 'Yes' })
  await vi.waitFor(() => expect(all(element, '[part=toast]')).toHaveLength(1))
  expect(one(element, '[part=toast]').textContent).toContain('Yes')
})

test('a list that cannot be had says so, and can be asked for again', async () => {
  server.add()
  const element = await anInbox()
  server.refusing.set('/v1/inbox', 500)
  element.show()
  await vi.waitFor(() => expect(one(element, '[role=alert]').textContent).toContain('could not'))
  server.refusing.clear()
  named(element, 'Try again').click()
  await vi.waitFor(() => expect(titles(element)).toEqual(['Item 1']))
})

test('a mark that was refused is undone and said', async () => {
  server.add()
  const element = await anOpenInbox()
  server.refusing.set('/archive', 404)
  items(element)[0]?.focus()
  await press(element, 'Delete')
  await vi.waitFor(() => expect(one(element, '[part=banner]').textContent).toContain('undone'))
  expect(titles(element)).toEqual(['Item 1'])
})

test('offline it says so and keeps showing what it has', async () => {
  server.add()
  const element = await anOpenInbox()
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
  dispatchEvent(new Event('offline'))
  await vi.waitFor(() => expect(one(element, '[part=banner]').textContent).toContain('offline'))
  expect(titles(element)).toEqual(['Item 1'])
  vi.restoreAllMocks()
  dispatchEvent(new Event('online'))
  await vi.waitFor(() => expect(all(element, '[part=banner]')).toEqual([]), 3000)
})

test('while the server does not answer it says so, and keeps showing what it has', async () => {
  server.add()
  const element = await anOpenInbox()
  const port = server.port
  await server.close()
  await vi.waitFor(
    () => expect(one(element, '[part=banner]').textContent).toContain('cannot be reached'),
    3000,
  )
  expect(titles(element)).toEqual(['Item 1'])
  server = Object.assign(new InboxServer(), { seq: server.seq, log: server.log })
  await server.listen(port)
  await vi.waitFor(() => expect(all(element, '[part=banner]')).toEqual([]), 3000)
})

test('of a server of another origin that never answers it says what may be missing', async () => {
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const url = server.url
  await server.close()
  const element = document.createElement('clarion-inbox')
  Object.assign(element, { url, token: () => 'good', open: true })
  document.body.append(element)
  await vi.waitFor(() => expect(element.state?.list).toBe('failed'), 3000)
  element.remove()
  expect(warned).toHaveBeenCalledOnce()
  expect(warned.mock.calls[0]?.[0]).toContain(`name "${location.origin}" in its setting`)
  warned.mockRestore()
})

test('in Arabic it reads from right to left, and the arrows of the tabs turn round', async () => {
  const element = await anOpenInbox({ locale: 'ar', dir: 'rtl' })
  const dialog = one(element, '[role=dialog]')
  expect([dialog.dir, dialog.lang]).toEqual(['rtl', 'ar'])
  expect(dialog.getAttribute('aria-label')).toBe('الإشعارات')
  one(element, '#tab-0').focus()
  await press(element, 'ArrowLeft')
  expect(focused(element).id).toBe('tab-1')
})

test('the page may say things in its own words', async () => {
  const element = await anInbox()
  element.messages = { title: 'News' }
  await settled(element)
  expect(bell(element).getAttribute('aria-label')).toBe('News')
})

test('as a page it is a region without a bell, and open', async () => {
  server.add()
  const element = await anInbox({ mode: 'page' })
  await vi.waitFor(() => expect(titles(element)).toEqual(['Item 1']))
  expect(all(element, '[part=bell]')).toEqual([])
  expect(one(element, '#panel').getAttribute('role')).toBe('region')
})

test('the counts are told to the page', async () => {
  const element = await anInbox()
  const told: unknown[] = []
  element.addEventListener('clarion-counts', (event) => told.push((event as CustomEvent).detail))
  server.add()
  await vi.waitFor(() => expect(told).toEqual([{ total: 1, unread: 1, unseen: 1 }]))
})

test('without a client of the page it asks the address for tokens, and Clarion with them', async () => {
  const element = document.createElement('clarion-inbox')
  element.url = server.url
  element.token = () => 'good'
  document.body.append(element)
  await vi.waitFor(() => expect(element.state?.connection).toBe('live'))
  element.remove()
  await vi.waitFor(() => expect(server.open.size).toBe(0))
})

test.each([0, 3])('with %d items axe finds nothing', async (count) => {
  for (let added = 0; added < count; added += 1)
    server.add({ actions: [{ label: 'Yes' }], actors: ['Ana', 'Ben'], read_at: null })
  expect(await violations(await anOpenInbox({ 'preferences-url': '/settings' }))).toEqual([])
})
