import { expect, test } from 'vitest'
import { ago, snoozeUntil } from './times.js'

const NOW = Date.parse('2026-03-04T12:00:00Z')
const before = (seconds: number) => new Date(NOW - seconds * 1000).toISOString()

test.each([
  [20, 'en', 'now'],
  [60 * 5, 'en', '5 min. ago'],
  [3600 * 3, 'de', 'vor 3 Std.'],
  [86400, 'en', 'yesterday'],
  [86400 * 9, 'fr', 'la semaine dernière'],
])('%d seconds ago in %s', (seconds, locale, said) => {
  expect(ago(before(seconds), NOW, locale)).toBe(said)
})

test.each([
  ['hour', new Date(2026, 2, 4, 13, 30)],
  ['tomorrow', new Date(2026, 2, 5, 9)],
  ['week', new Date(2026, 2, 9, 9)],
] as const)('snoozed by %s on a Wednesday', (snooze, until) => {
  expect(snoozeUntil(snooze, new Date(2026, 2, 4, 12, 30))).toEqual(until)
})

test('on a Monday next week is not today', () => {
  expect(snoozeUntil('week', new Date(2026, 2, 9, 8))).toEqual(new Date(2026, 2, 16, 9))
})
