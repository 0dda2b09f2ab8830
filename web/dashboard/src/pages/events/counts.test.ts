import { expect, test } from 'vitest'
import { balance, parts } from './counts'
import { AN_EVENT } from './fixtures'

test('the parts of an event come to its recipients', () => {
  const sum = parts(AN_EVENT.counts).reduce((all, one) => all + one.value, 0)
  expect(sum).toBe(AN_EVENT.counts.recipients)
  expect(balance(AN_EVENT.counts, AN_EVENT.balanced)).toMatch(/^It adds up: each of the 2,017/)
})

test('counts that do not add up are said to be wrong', () => {
  expect(balance({ ...AN_EVENT.counts, sent: 1 }, true)).toMatch(/of 2,017 recipients/)
})
