import { expect, test } from 'vitest'
import { asked, dayOf, filtersOf, fromDay, sinceOptions, told, lastDayOf, toDay } from './filters'

test('an address holds the filters and nothing else', () => {
  expect(filtersOf({ status: 'dead', tab: 'x', user: ' u1 ', q: '  ' })).toEqual({
    status: 'dead',
    user: 'u1',
  })
})

test('a span is told from now, an instant stays', () => {
  const now = Date.parse('2026-01-02T03:00:00Z')
  expect(asked({ since: '1h', user: 'u1' }, now)).toEqual({
    user: 'u1',
    since: '2026-01-02T02:00:00.000Z',
  })
  expect(asked({ since: '2025-01-01T00:00:00Z' }, now)).toEqual({ since: '2025-01-01T00:00:00Z' })
  expect(asked({}, now)).toEqual({})
})

test('a filter is told in words', () => {
  expect(told('status', 'dead')).toBe('Status: Nothing was delivered')
  expect(told('status', 'bounced')).toBe('Status: Any message: bounced')
  expect(told('since', '24h')).toBe('Last 24 hours')
  expect(told('tag', 'order:7')).toBe('Tag: order:7')
})

test('a day can be asked for, and stands among the spans then', () => {
  const since = fromDay('2026-01-02')
  expect(dayOf(since)).toBe('2026-01-02')
  expect([fromDay(''), dayOf('24h'), dayOf(undefined)]).toEqual(['', '', ''])
  expect(sinceOptions(since).at(-1)?.label).toContain('Since Jan 2, 2026')
  expect(sinceOptions('24h').length).toBe(sinceOptions(undefined).length)
  expect(told('since', 'rubbish')).toBe('Since rubbish')
})

test('a last day is a part of what is asked for', () => {
  const until = toDay('2026-01-31')
  expect(lastDayOf(until)).toBe('2026-01-31')
  expect(Date.parse(until) - Date.parse(fromDay('2026-01-31'))).toBe(86_400_000)
  expect([toDay(''), lastDayOf(undefined)]).toEqual(['', ''])
  expect(told('until', until)).toContain('Before ')
})
