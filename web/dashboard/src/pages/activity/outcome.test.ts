import { expect, test } from 'vitest'
import type { ChannelTold } from '../told'
import { A_SKIPPED, A_SUMMARY } from './fixtures'
import { channel } from '../../lib/words'
import { because, chips } from './outcome'

function stood(became: string, changes: Partial<ChannelTold> = {}): ChannelTold {
  return { step: 1, channel: 'push', became, reason: 'level_all', deliveries: {}, cause: null, ...changes }
}

test('each channel has a chip that says what became of it', () => {
  expect(chips(A_SUMMARY).map((chip) => [chip.label, chip.tone])).toEqual([
    ['Inbox', 'good'],
    [channel('email'), 'quiet'],
  ])
})

test('what was stopped says why', () => {
  expect(because(A_SUMMARY)).toBe(`No ${channel('email').toLowerCase()}, they did not agree to get it`)
  expect(because(A_SKIPPED)).toBe('They switched these notifications off')
})

test('a mail that died is not green, and says why it died', () => {
  const died = stood('given_up', { channel: 'email', cause: 'the provider had a passing problem (451)' })
  const row = { ...A_SUMMARY, channels: [stood('sent', { channel: 'inbox' }), died] }
  expect(chips(row).map((chip) => chip.tone)).toEqual(['good', 'bad'])
  expect(because(row)).toBe('Email given up: the provider had a passing problem (451)')
})

test('one dead phone of three is counted', () => {
  const row = { ...A_SUMMARY, channels: [stood('partly_sent', { deliveries: { sent: 2, failed: 1 } })] }
  expect(because(row)).toBe('Push to 2 of 3 devices only')
})

test('what was canceled while it waited does not wait', () => {
  const row = { ...A_SUMMARY, channels: [stood('not_sent', { reason: 'cancelled' })] }
  expect(because(row)).toBe('No push, the event was canceled')
})

test('an inbox item that does not ring says so', () => {
  const row = { ...A_SUMMARY, channels: [stood('silent', { channel: 'inbox' })] }
  expect(because(row)).toBe('In the inbox, silently')
})
