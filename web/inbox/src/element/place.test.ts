import { expect, test } from 'vitest'
import { spotBeside } from './place.js'

const VIEW = { width: 1000, height: 800 }
const at = (left: number, top: number) => ({ left, right: left + 40, top, bottom: top + 40 })

test('below what opened it, ends aligned', () => {
  const spot = spotBeside(at(900, 10), 400, VIEW, false)
  expect(spot).toEqual({ left: 540, top: 58, bottom: null, room: 734 })
})

test('from right to left the other ends are aligned', () => {
  expect(spotBeside(at(60, 10), 400, VIEW, true).left).toBe(60)
})

test('never out of the window', () => {
  expect(spotBeside(at(10, 10), 400, VIEW, false).left).toBe(8)
  expect(spotBeside(at(950, 10), 400, VIEW, true).left).toBe(592)
})

test('above where there is no room below', () => {
  expect(spotBeside(at(900, 700), 400, VIEW, false)).toMatchObject({ top: null, bottom: 108 })
})
