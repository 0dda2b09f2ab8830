import { expect, test } from 'vitest'
import { ago, compact, count, duration, plural, rate, reason, safeUrl, status } from './words'

test('durations are told in at most two units', () => {
  expect([0, 0.25, 0.9999, 1, 9.94, 59.4, 59.6, 95, 3600, 7260, 90_000].map(duration)).toEqual([
    '0 s', '250 ms', '1 s', '1 s', '9.9 s', '59 s', '1 min', '1 min 35 s', '1 h', '2 h 1 min',
    '1 d 1 h',
  ])
})

test('large numbers are short, small ones exact', () => {
  expect(count(1234567)).toBe('1,234,567')
  expect(compact(1234567)).toBe('1.2M')
  expect(compact(9999)).toBe('9,999')
  expect(plural(1, 'lane')).toBe('1 lane')
  expect(plural(2, 'category', 'categories')).toBe('2 categories')
})

test('a rate below one a second is told a minute', () => {
  expect(rate(0)).toBe('0 / s')
  expect(rate(0.05)).toBe('3 / min')
  expect(rate(12.5)).toBe('12.5 / s')
})

test('instants are told from now', () => {
  const now = Date.parse('2026-03-01T12:00:00Z')
  expect(ago('2026-03-01T12:00:01Z', now)).toBe('now')
  expect(ago('2026-03-01T11:55:00Z', now)).toBe('5 min ago')
  expect(ago('2026-03-01T14:00:00Z', now)).toBe('in 2 hr')
})

test('codes that nobody knows are shown as plain words', () => {
  expect(status('dead').tone).toBe('bad')
  expect(status('brand_new')).toEqual({ text: 'Brand new', tone: 'quiet' })
  expect(reason('quiet_hours')).toBe('it is their quiet hours')
  expect(reason('brand_new')).toBe('brand new')
})

test('links lead to http and https only', () => {
  expect(safeUrl('https://example.org/a')).toBe('https://example.org/a')
  expect(safeUrl('/docs/9')).toBe('/docs/9')
  expect(safeUrl(' javascript:alert(1)')).toBeNull()
  expect(safeUrl('JaVaScRiPt:alert(1)')).toBeNull()
  expect(safeUrl('data:text/html,x')).toBeNull()
  expect(safeUrl(null)).toBeNull()
})
