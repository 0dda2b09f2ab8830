import { describe, expect, test } from 'vitest'
import { anEntry } from '../testing/server.js'
import { Entries, marked, matches } from './entries.js'

const NOW = '2026-01-02T04:00:00Z'

function known(...places: number[]): Entries {
  const entries = new Entries()
  entries.page(places.map((place) => anEntry(place)), true, false, 0)
  return entries
}

const placesOf = (entries: Entries) => entries.visible().entries.map((entry) => entry.place)

test('an older version never sets an item back', () => {
  const entries = known(1)
  expect(entries.put(anEntry(1, { version: 3, read_at: NOW }))).toBe(true)
  expect(entries.put(anEntry(1, { version: 2 }))).toBe(false)
  expect(entries.get('itm_1')?.read_at).toBe(NOW)
})

test('what was removed is not brought back by a list that was asked for before', () => {
  const entries = known(2, 1)
  const turn = entries.turn
  entries.remove('itm_1')
  entries.page([anEntry(2), anEntry(1)], true, false, turn)
  expect(placesOf(entries)).toEqual([2])
})

test('what came while the list was on its way stays above it', () => {
  const entries = known(1)
  const turn = entries.turn
  entries.put(anEntry(2))
  entries.page([anEntry(1)], true, false, turn)
  expect(placesOf(entries)).toEqual([2, 1])
})

test('items behind the last page wait until their page is there', () => {
  const entries = new Entries()
  entries.page([anEntry(9), anEntry(8)], true, true, 0)
  entries.put(anEntry(3, { version: 2 }))
  expect(placesOf(entries)).toEqual([9, 8])
  entries.page([anEntry(7), anEntry(3)], false, false, entries.turn)
  expect(placesOf(entries)).toEqual([9, 8, 7, 3])
})

describe('a list that is held still', () => {
  test('counts what is new, and shows it when it is let go', () => {
    const entries = known(2, 1)
    entries.hold(true)
    entries.put(anEntry(3))
    expect(entries.visible()).toMatchObject({ above: 1, entries: [{ place: 2 }, { place: 1 }] })
    entries.hold(false)
    expect(placesOf(entries)).toEqual([3, 2, 1])
  })

  test('keeps an item where it was when new activity moves it up', () => {
    const entries = known(2, 1)
    entries.hold(true)
    entries.put(anEntry(3, { id: 'itm_1', version: 2, title: 'again' }))
    const { entries: shown, above } = entries.visible()
    expect(shown.map((entry) => entry.id)).toEqual(['itm_2', 'itm_1'])
    expect(shown[1]?.title).toBe('again')
    expect(above).toBe(1)
  })
})

test('a change on its way shows in the item and in the counts until it is undone', () => {
  const entries = known(2, 1)
  const meta = { total: 2, unread: 2, unseen: 2 }
  const undo = entries.begin({
    applies: (entry) => entry.id === 'itm_1',
    to: (entry) => marked(entry, 'archive', NOW),
  })
  expect(placesOf(entries)).toEqual([2])
  expect(entries.meta(meta)).toEqual({ total: 1, unread: 1, unseen: 1 })
  undo()
  expect(placesOf(entries)).toEqual([2, 1])
  expect(entries.meta(meta)).toEqual(meta)
})

test('an item without a change stays the same object', () => {
  const entries = known(2, 1)
  const before = entries.visible().entries[0]
  entries.put(anEntry(3))
  expect(entries.visible().entries[1]).toBe(before)
})

test.each([
  [{}, { archived_at: NOW }, false],
  [{ archived: 'only' as const }, { archived_at: NOW }, true],
  [{ archived: 'only' as const }, {}, false],
  [{ status: 'unread' as const }, { read_at: NOW }, false],
  [{}, { snoozed_until: '2026-01-02T05:00:00Z' }, false],
  [{ snoozed: 'only' as const }, { snoozed_until: '2026-01-02T05:00:00Z' }, true],
  [{}, { snoozed_until: '2026-01-02T03:00:00Z' }, true],
  [{}, { expires_at: '2026-01-02T03:59:59Z' }, false],
])('the filter %j on %j', (filter, over, shown) => {
  expect(matches(anEntry(1, over), filter, Date.parse(NOW))).toBe(shown)
})
