import { expect, test } from 'vitest'
import { CATEGORIES, FLOWS, RESOLVED } from './fixtures'
import { columns, each, grouped, state, waysOf, why, whyOn } from './resolved'

test('workflows stand below their categories', () => {
  expect(grouped(FLOWS, CATEGORIES).map((one) => [one.category, one.mandatory, one.flows.length])).toEqual([
    ['marketing', false, 1],
    ['security', true, 1],
    ['social', false, 1],
  ])
})

test('only channels that are used are columns', () => {
  expect(columns(FLOWS)).toEqual(['inbox', 'push', 'email'])
  expect(waysOf(FLOWS[0]!)).toEqual(['inbox', 'email'])
})

test('an answer is told with its reason', () => {
  const { inbox, email } = RESOLVED.channels
  expect([state(inbox!).text, why(inbox!)]).toEqual(['On', ''])
  expect([state(email!).text, why(email!)]).toEqual(['Off', 'they switched this channel off'])
  expect(state({ ...inbox!, alert: false }).text).toBe('Silent')
})

test('calls are made a few at a time and answered in order', async () => {
  let running = 0
  let most = 0
  const found = await each([5, 1, 3, 2, 4], async (wait) => {
    most = Math.max(most, ++running)
    await new Promise((done) => setTimeout(done, wait))
    running -= 1
    return wait * 10
  }, 2)
  expect(found).toEqual([50, 10, 30, 20, 40])
  expect(most).toBe(2)
})

test('no destination says which address it is about', () => {
  const off = { state: 'off', reason: 'no_destination' }
  expect(whyOn('sms', off, { addresses: [], devices: [] })).toBe('they have no phone number')
  expect(whyOn('sms', off, undefined)).toContain('no address or device')
  expect(whyOn('sms', { state: 'off', reason: 'muted' }, { addresses: [], devices: [] })).toBe('they muted this')
})
