// Where a delivery went, in words.
import { channel } from '../../lib/words'
import type { Delivery } from '../told'

const PLATFORMS: Record<string, string> = {
  fcm: 'an Android or web device',
  apns: 'an Apple device',
  webpush: 'a browser',
  fcm_topic: 'a topic of FCM',
}

/** `an Apple device …x7FqPz (picker)`, `a…@example.org`; nothing where it is kept no longer. */
export function whereTo(one: Delivery): string {
  const to = one.destination
  if (!to) return ''
  const device = to.platform ? (PLATFORMS[to.platform] ?? to.platform) : ''
  return [device, to.address, to.app ? `(${to.app})` : ''].filter(Boolean).join(' ')
}

/** `Push to an Apple device …x7FqPz`, and which of how many devices that was. */
export function heading(one: Delivery, all: Delivery[]): string {
  const mine = all.filter((other) => other.channel === one.channel && other.step === one.step)
  const place = mine.length > 1 ? `, device ${mine.indexOf(one) + 1} of ${mine.length}` : ''
  const to = whereTo(one)
  return `${channel(one.channel)}${to ? ` to ${to}` : ''}${one.channel === 'push' ? place : ''}`
}

const SAID: Record<string, string> = {
  accepted: 'took it',
  retry: 'had a passing problem',
  retry_after: 'asked to slow down',
  permanent: 'refused the message for good',
  destination_invalid: 'said that the address or device does not exist',
  opted_out: 'said that they opted out there',
  credential: 'did not accept our credentials',
  config: 'did not accept our sender or endpoint',
  ambiguous: 'gave no answer, so it may or may not have arrived',
}

const UNANSWERED: Record<string, string> = {
  reset: 'the connection broke off',
  timeout: 'no answer came in time',
}

/** What the provider said last: `took it (200)`. */
export function said(one: Delivery): string {
  if (!one.outcome) return ''
  const code = one.code ? (UNANSWERED[one.code] ?? one.code) : ''
  return `${SAID[one.outcome] ?? one.outcome.replaceAll('_', ' ')}${code ? ` (${code})` : ''}`
}
