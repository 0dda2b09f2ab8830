import { expect, test } from 'vitest'
import { A_SKIPPED, A_SUMMARY } from './fixtures'
import { merged } from './tail'

const row = (id: string, status = 'sent') => ({ ...A_SUMMARY, id, status })

test('only rows that the list has not are fresh', () => {
  const items = [row('b'), A_SKIPPED]
  const found = merged(items, [row('d'), row('c'), row('b')])
  expect(found.fresh.map((one) => one.id)).toEqual(['d', 'c'])
  expect(found.items).toBe(items)
  expect(found.gap).toBe(false)
})

test('a row that moved on is told anew in its place', () => {
  const found = merged([row('b', 'open'), row('a')], [row('b', 'sent')])
  expect(found.items.map((one) => one.status)).toEqual(['sent', 'sent'])
  expect(found.fresh).toEqual([])
})

test('a page of which nothing is known leaves a gap', () => {
  expect(merged([row('a')], [row('y'), row('x')]).gap).toBe(true)
  expect(merged([], [row('y')]).gap).toBe(false)
})
