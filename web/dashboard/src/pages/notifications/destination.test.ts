import { expect, test } from 'vitest'
import type { Delivery } from '../told'
import { heading, said, whereTo } from './destination'

const ONE: Delivery = {
  id: 'dlv_1', step: 1, channel: 'push', status: 'sent', account: 'push', attempts: 1,
  outcome: 'accepted', code: '200', detail: null, provider_id: null,
  created_at: '2026-03-01T12:00:00Z', updated_at: '2026-03-01T12:00:00Z', next_try_at: null,
  destination: { platform: 'apns', app: 'picker', address: '…x7FqPz', disabled_at: null },
}

test('a delivery says which device of how many it went to', () => {
  const other = { ...ONE, id: 'dlv_2', destination: null }
  expect(heading(ONE, [ONE])).toBe('Push to an Apple device …x7FqPz (picker)')
  expect(heading(other, [ONE, other])).toBe('Push, device 2 of 2')
  expect(whereTo({ ...ONE, destination: { platform: null, app: null, address: 'a…@example.org', disabled_at: null } }))
    .toBe('a…@example.org')
})

test('what the provider said is told in words', () => {
  expect(said(ONE)).toBe('took it (200)')
  expect(said({ ...ONE, outcome: 'ambiguous', code: 'reset' })).toContain('the connection broke off')
  expect(said({ ...ONE, outcome: null })).toBe('')
})
