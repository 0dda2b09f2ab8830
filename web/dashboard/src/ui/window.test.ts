import { expect, test } from 'vitest'
import { HIGHEST, windowOf } from './window'

test('only what is seen is drawn, with a few to spare', () => {
  const shown = windowOf(1000, 40, 4000, 400)
  expect(shown).toEqual({ from: 92, until: 118, top: 92 * 40, height: 40_000 })
})

test('a short list is drawn as a whole', () => {
  expect(windowOf(3, 40, 0, 400)).toEqual({ from: 0, until: 3, top: 0, height: 120 })
  expect(windowOf(0, 40, 0, 400)).toEqual({ from: 0, until: 0, top: 0, height: 0 })
})

test('a million rows stay within what browsers lay out, and the last one is reached', () => {
  const seen = 600
  const end = windowOf(1_000_000, 44, HIGHEST - seen, seen)
  expect(end.height).toBe(HIGHEST)
  expect(end.until).toBe(1_000_000)
  // The last row ends where the scrolled area ends.
  expect(end.top + (end.until - end.from) * 44).toBeCloseTo(HIGHEST, 3)
  const middle = windowOf(1_000_000, 44, (HIGHEST - seen) / 2, seen)
  expect(Math.abs(middle.from - 500_000)).toBeLessThan(20)
  expect(middle.until - middle.from).toBeLessThan(40)
})
