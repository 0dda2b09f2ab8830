import { describe, expect, it } from 'vitest'
import { called, offBecause, standing, unreachable, type Address, type Device } from './addresses'

const MAIL: Address = {
  channel: 'email', address: 'a@example.org', confirmed_at: '2026-01-02T03:04:05Z', disabled_at: null,
  disabled_reason: null, suppression: null,
}
const BOUNCED = { ...MAIL, disabled_at: '2026-01-03T03:04:05Z', disabled_reason: '550 5.1.1' }
const PHONE: Device = {
  token: 'T', platform: 'fcm', app: '', confirmed_at: '2026-01-02T03:04:05Z', disabled_at: null,
  disabled_reason: null, suppression: null,
}
const DEAD = { ...PHONE, disabled_at: '2026-01-03T03:04:05Z', disabled_reason: 'moved' }

describe('addresses', () => {
  it('say whether they work, and why they do not', () => {
    expect([MAIL, BOUNCED, { ...BOUNCED, suppression: 'sup_1' }].map((one) => standing(one).text)).toEqual([
      'Works', 'Off', 'Suppressed',
    ])
    expect(offBecause(BOUNCED)).toBe('the provider said that it does not exist (550 5.1.1)')
    expect(offBecause(DEAD)).toBe('somebody else signed in on it')
    expect(offBecause(MAIL)).toBe('')
  })

  it('tell a channel without an address from one whose address is off', () => {
    expect(unreachable('email', { addresses: [], devices: [] })).toBe('they have no e-mail address')
    expect(unreachable('email', { addresses: [BOUNCED], devices: [] })).toContain('switched off')
    expect(unreachable('push', { addresses: [], devices: [DEAD, DEAD] })).toBe('all 2 devices are switched off')
    expect(unreachable('push', { addresses: [], devices: [DEAD, PHONE] })).toBe('')
  })

  it('call the reasons of suppressions by words, also those of others', () => {
    expect(called('complaint')).toBe('They complained')
    expect(called('hard_bounce')).toBe('Hard bounce')
  })
})
