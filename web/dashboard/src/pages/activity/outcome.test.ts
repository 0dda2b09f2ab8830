import { expect, test } from 'vitest'
import { A_SKIPPED, A_SUMMARY } from './fixtures'
import { because, chips } from './outcome'

test('each channel has a chip that says what became of it', () => {
  expect(chips(A_SUMMARY).map((chip) => [chip.label, chip.tone])).toEqual([
    ['Inbox', 'good'],
    ['Email', 'quiet'],
  ])
  expect(chips(A_SKIPPED)).toEqual([])
})

test('what was stopped says why', () => {
  expect(because(A_SUMMARY)).toBe('No email, there is no consent for it')
  expect(because(A_SKIPPED)).toBe('They want nothing from here')
})
