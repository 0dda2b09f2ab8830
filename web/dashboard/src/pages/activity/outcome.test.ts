import { expect, test } from 'vitest'
import { A_SKIPPED, A_SUMMARY } from './fixtures'
import { channel } from '../../lib/words'
import { because, chips } from './outcome'

test('each channel has a chip that says what became of it', () => {
  expect(chips(A_SUMMARY).map((chip) => [chip.label, chip.tone])).toEqual([
    ['Inbox', 'good'],
    [channel('email'), 'quiet'],
  ])
  expect(chips(A_SKIPPED)).toEqual([])
})

test('what was stopped says why', () => {
  expect(because(A_SUMMARY)).toBe(`No ${channel('email').toLowerCase()}, they did not agree to get it`)
  expect(because(A_SKIPPED)).toBe('They switched these notifications off')
})
