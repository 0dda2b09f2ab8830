import { expect, test } from 'vitest'
import { SIMULATED } from './fixtures'
import { picture, words } from './flows'

const flows = SIMULATED.answer?.by_reason ?? []

test('every change is a band from its answer then to its answer now', () => {
  const drawn = picture(flows, 0, 100)
  expect(drawn.bands.length).toBe(flows.length)
  expect(drawn.left.map((box) => box.label)).toEqual(['Sent'])
  expect(drawn.right.map((box) => box.label)).toEqual([
    'Not sent: it would be too late after the wait',
    'Not sent: they switched this channel off',
    'Held: it is their quiet hours',
  ])
})

test('boxes count what leads to them, and do not overlap', () => {
  const { left, right, height } = picture(flows, 0, 100)
  const sum = flows.reduce((all, flow) => all + flow.count, 0)
  for (const side of [left, right]) {
    expect(side.reduce((all, box) => all + box.count, 0)).toBe(sum)
    side.slice(1).forEach((box, n) => expect(box.top).toBeGreaterThan(side[n]!.top + side[n]!.height))
    expect(side.at(-1)!.top + side.at(-1)!.height).toBeLessThanOrEqual(height)
  }
})

test('what is rare is still high enough to be hit', () => {
  const { right } = picture(flows, 0, 100)
  expect(Math.min(...right.map((box) => box.height))).toBeGreaterThanOrEqual(24)
})

test('nothing to show is nothing high', () => {
  expect(picture([], 0, 100)).toEqual({ left: [], right: [], bands: [], height: 0 })
})

test('an answer is told in words', () => {
  expect(words({ result: 'send', reason: 'level_all', ends: null })).toBe('Sent')
  expect(words({ result: 'hold', reason: 'quiet_hours', ends: 'send' })).toBe('Held: it is their quiet hours')
})
