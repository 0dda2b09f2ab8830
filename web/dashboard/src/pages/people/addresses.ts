// Where somebody can be reached, and what keeps messages from there.
import { api, type Listed } from '../../lib/api'
import { part } from '../../lib/match'
import { channel, sentence, type Word } from '../../lib/words'

/** A row of `GET /v1/users/{id}/addresses`. */
export interface Address {
  channel: string
  address: string
  confirmed_at: string
  disabled_at: string | null
  disabled_reason: string | null
  suppression: string | null
}

export interface Device {
  token: string
  platform: string
  app: string
  confirmed_at: string
  disabled_at: string | null
  disabled_reason: string | null
  suppression: string | null
}

export interface Suppression {
  id: string
  channel: string
  reason: string
  at: string
  until: string | null
}

export interface Reach {
  addresses: Address[]
  devices: Device[]
}

export async function reachOf(user: string, signal?: AbortSignal): Promise<Reach> {
  const [addresses, devices] = await Promise.all([
    api.get<{ data: Address[] }>(`/v1/users/${part(user)}/addresses`, {}, { signal }),
    api.get<{ data: Device[] }>(`/v1/users/${part(user)}/devices`, {}, { signal }),
  ])
  return { addresses: addresses.data, devices: devices.data }
}

export async function suppressionsOf(rows: Address[], signal?: AbortSignal): Promise<Suppression[]> {
  const found = await Promise.all(
    rows
      .filter((row) => row.suppression !== null)
      .map(({ channel: way, address }) =>
        api.get<Listed<Suppression>>('/v1/suppressions', { channel: way, address }, { signal }),
      ),
  )
  return found.flatMap((page) => page.data)
}

const OFF: Record<string, string> = {
  replaced: 'another one took its place',
  moved: 'somebody else signed in on it',
}

type Place = Pick<Device, 'disabled_at' | 'disabled_reason' | 'suppression'>

/** `Off: the provider refused it (550 5.1.1)` in a badge. */
export function standing(place: Place): Word {
  if (place.suppression !== null) return { text: 'Suppressed', tone: 'bad' }
  if (place.disabled_at === null) return { text: 'Works', tone: 'good' }
  return { text: 'Off', tone: 'bad' }
}

/** Why nothing goes there; nothing where it works. */
export function offBecause(place: Place): string {
  if (place.suppression !== null) return 'it is on the suppression list'
  if (place.disabled_at === null) return ''
  const code = place.disabled_reason ?? ''
  return OFF[code] ?? `the provider said that it does not exist${code ? ` (${code})` : ''}`
}

/** What stands against a channel whose reason is `no_destination`; nothing where no row tells. */
export function unreachable(way: string, reach: Reach): string {
  const places: Place[] =
    way === 'push' ? reach.devices : reach.addresses.filter((one) => one.channel === way)
  if (places.length === 0) {
    return way === 'push' ? 'they have no device' : way === 'email' ? 'they have no e-mail address'
      : way === 'sms' ? 'they have no phone number' : ''
  }
  if (places.some((one) => one.disabled_at === null)) return ''
  if (places.length > 1) return `all ${places.length} devices are switched off`
  const what = way === 'push' ? 'their device' : `their ${way === 'sms' ? 'phone number' : 'e-mail address'}`
  return `${what} is switched off: ${offBecause(places[0]!)}`
}

/** What a suppression can be put down to, as its reason is kept. */
export const SUPPRESSION_REASONS = [
  { value: 'not_theirs', label: 'It is not their address or number' },
  { value: 'complaint', label: 'They complained' },
  { value: 'unsubscribed', label: 'They want nothing there any more' },
  { value: 'legal', label: 'A legal reason' },
  { value: 'manual', label: 'Another reason' },
]

export function called(reason: string): string {
  return SUPPRESSION_REASONS.find((one) => one.value === reason)?.label ?? sentence(reason)
}

export function kind(way: string): string {
  return way === 'email' ? 'E-mail address' : way === 'sms' ? 'Phone number' : channel(way)
}
