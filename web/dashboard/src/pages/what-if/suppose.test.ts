import { expect, test } from 'vitest'
import { changeOf, nameOf, sliceOf, type Supposed } from './suppose'

const FORM: Supposed = {
  kind: 'quiet', from: '22:00', until: '07:00', channel: 'push', to: 'off', where: '', limit: '3',
  window: 'PT1H', over: 'skip', key: '', text: '',
}
const PAST = { since: '24h', until: '', workflow: '', category: '', type: '', tenant: '', users: '' }

test('each kind of change is what the API takes', () => {
  expect(changeOf(FORM)).toEqual({ quiet_hours: [{ from: '22:00', until: '07:00' }] })
  expect(changeOf({ ...FORM, kind: 'channel' })).toEqual({ defaults: { channels: { push: 'off' } } })
  expect(changeOf({ ...FORM, kind: 'channel', where: 'categories/a/b' })).toEqual({
    defaults: { categories: { 'a/b': { push: 'off' } } },
  })
  expect(changeOf({ ...FORM, kind: 'cap' })).toEqual({
    caps: { push: { limit: 3, window: 'PT1H', over: 'skip' } },
  })
  expect(changeOf({ ...FORM, kind: 'workflow', key: 'w', text: '{"on": "e"}' })).toEqual({
    workflows: { w: { on: 'e' } },
  })
  expect(changeOf({ ...FORM, kind: 'none' })).toBeNull()
})

test('a text that is no object is refused with why', () => {
  expect(() => changeOf({ ...FORM, kind: 'json', text: '{' })).toThrow(/no JSON yet/)
  expect(() => changeOf({ ...FORM, kind: 'json', text: '[]' })).toThrow(/an object/)
  expect(() => changeOf({ ...FORM, kind: 'workflow', text: '{}' })).toThrow(/Choose a workflow/)
})

test('the part of the past is told from now, with what narrows it', () => {
  const now = Date.parse('2026-01-02T00:00:00Z')
  expect(sliceOf(PAST, now)).toEqual({ since: '2026-01-01T00:00:00.000Z' })
  expect(sliceOf({ ...PAST, since: '2025-01-01T00:00:00Z', users: 'a, b\nc', workflow: 'w' }, now)).toEqual({
    since: '2025-01-01T00:00:00Z', workflow: 'w', users: ['a', 'b', 'c'],
  })
})

test('a change without a name gets one', () => {
  expect(nameOf(FORM)).toBe('Quiet from 22:00 to 07:00')
  expect(nameOf({ ...FORM, kind: 'channel', where: 'categories/social' })).toBe('push off by default for social')
})
