import { expect, test } from 'vitest'
import { filterOf, inWords, met, outcomes, summary, type Counts } from './filters'

const now = Date.parse('2026-03-01T12:00:00Z')
const none: Counts = {
  ready: 0, decided_again: 0, expired: 0, canceled: 0, erased: 0, disabled: 0, opted_out: 0,
}

test('an address becomes a filter, and what is no filter is left out', () => {
  expect(
    filterOf({ cause: 'retry:503', account: ' mail ', since: '24h', view: 'list', user: '' }, now),
  ).toEqual({ cause: 'retry:503', account: 'mail', since: '2026-02-28T12:00:00.000Z' })
  expect(filterOf({ since: 'yesterday' }, now)).toEqual({})
})

test('a filter is told in words before anything is sent again', () => {
  expect(inWords({})).toBe('all dead letters')
  expect(inWords({ cause: 'retry:*', channel: 'sms', since: '2026-02-28T12:00:00.000Z' })).toBe(
    'dead letters with cause retry:*, on SMS, since 2026-02-28 12:00 UTC',
  )
})

test('what becomes of them is told as far as there is any', () => {
  const counts = { ...none, ready: 1200, opted_out: 3 }
  expect(outcomes(counts)).toEqual([
    '1,200 go on their way again',
    '3 stay: the recipient opted out',
  ])
  expect(met(counts)).toBe(1203)
})

test('a redrive is summed up', () => {
  const redrive = {
    id: 'rdv_1', status: 'running', count: 1, tasks: 2, counts: none, rate_per_second: 100,
    created_at: null, due_until: null, finished_at: null, error: null,
  }
  expect(summary(redrive)).toBe('1 message and 2 parts of audiences')
})
