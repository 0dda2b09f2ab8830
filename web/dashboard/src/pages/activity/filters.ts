// The filters of the activity list: as they stand in the address, and as the API takes them.
import type { Query, QueryInput } from '../../lib/match'
import { at, channel, reason, REASON_CODES, status } from '../../lib/words'

export const NAMES = [
  'q', 'user', 'event', 'workflow', 'channel', 'status', 'reason', 'correlation_id', 'tag',
  'tenant', 'since', 'until',
] as const

export type FilterName = (typeof NAMES)[number]
export type Filters = Partial<Record<FilterName, string>>

/** Where a notification stands as a whole; then what any of its messages is, whatever the others. */
export const STATUSES = [
  'given_up', 'sent', 'open', 'held', 'skipped', 'dead', 'delivered', 'bounced', 'failed', 'unknown',
  'canceled', 'expired', 'ready', 'sending',
]

const STATUS_WORDS: Record<string, string> = {
  given_up: 'Any message given up',
  sent: 'Sent, or in the inbox',
  open: 'On its way',
  held: 'Held for later',
  skipped: 'Nothing was sent',
  dead: 'Nothing was delivered',
}

/** A status to filter by, in words that say whether it is about the whole or about any message. */
export function statusWords(code: string): string {
  return STATUS_WORDS[code] ?? `Any message: ${status(code).text.toLowerCase()}`
}

export const CHANNELS = ['inbox', 'push', 'email', 'sms', 'chat', 'webhook']

const USUAL = [
  'channel_off', 'quiet_hours', 'no_destination', 'level_none', 'no_mention', 'muted', 'paused',
  'no_consent', 'opted_out', 'suppressed', 'capped', 'digested', 'delayed', 'duplicate', 'expired',
]

/** All reasons there are words for, the usual ones for which something is stopped first. */
export const REASONS = [...USUAL, ...REASON_CODES.filter((code) => !USUAL.includes(code))]

const SPANS: Record<string, number> = { '15m': 900, '1h': 3600, '24h': 86_400, '7d': 604_800 }

export const SINCE = [
  { value: '', label: 'Any time' },
  { value: '15m', label: 'Last 15 minutes' },
  { value: '1h', label: 'Last hour' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
]

/** The spans, and the instant that holds where it is none of them. */
export function sinceOptions(value: string | undefined): { value: string; label: string }[] {
  if (!value || SINCE.some((one) => one.value === value)) return SINCE
  return [...SINCE, { value, label: told('since', value) }]
}

/** `2026-11-20` -> the instant at which that day begins for this browser; nothing for no day. */
export function fromDay(day: string): string {
  const begins = new Date(`${day}T00:00:00`)
  return Number.isNaN(begins.getTime()) ? '' : begins.toISOString()
}

/** `2026-11-20` -> the instant at which that day is over for this browser; nothing for no day. */
export function toDay(day: string): string {
  const ends = new Date(`${day}T00:00:00`)
  ends.setDate(ends.getDate() + 1)
  return Number.isNaN(ends.getTime()) ? '' : ends.toISOString()
}

/** The last day before `until`, as a field for days takes it; nothing for none. */
export function lastDayOf(until: string | undefined): string {
  const ends = new Date(until ?? NaN)
  return Number.isNaN(ends.getTime()) ? '' : dayOf(new Date(ends.getTime() - 1).toISOString())
}

/** The day that `since` begins on, as a field for days takes it; nothing for a span. */
export function dayOf(since: string | undefined): string {
  const begins = new Date(since !== undefined && since.includes('T') ? since : NaN)
  if (Number.isNaN(begins.getTime())) return ''
  const two = (number: number): string => String(number).padStart(2, '0')
  return `${begins.getFullYear()}-${two(begins.getMonth() + 1)}-${two(begins.getDate())}`
}

/** The filters that an address holds; anything else in it is not ours. */
export function filtersOf(query: Query): Filters {
  const found: Filters = {}
  for (const name of NAMES) {
    const value = query[name]?.trim()
    if (value) found[name] = value
  }
  return found
}

/** What the API is asked: `since` as an instant (a span such as `1h` is told from `now`). */
export function asked(filters: Filters, now: number): QueryInput {
  const { since, ...rest } = filters
  const span = since === undefined ? undefined : SPANS[since]
  const from = span === undefined ? since : new Date(now - span * 1000).toISOString()
  return from === undefined ? rest : { ...rest, since: from }
}

/** A filter as people read it: `Status: Skipped`. */
export function told(name: FilterName, value: string): string {
  const label = LABELS[name]
  if (name === 'status') return `${label}: ${statusWords(value)}`
  if (name === 'reason') return `${label}: ${reason(value)}`
  if (name === 'channel') return `${label}: ${channel(value)}`
  if (name === 'since') return SINCE.find((one) => one.value === value)?.label ?? `Since ${Number.isNaN(Date.parse(value)) ? value : at(value)}`
  if (name === 'until') return `Before ${Number.isNaN(Date.parse(value)) ? value : at(value)}`
  return `${label}: ${value}`
}

export const LABELS: Record<FilterName, string> = {
  q: 'Search',
  user: 'Person',
  event: 'Event',
  workflow: 'Workflow',
  channel: 'Channel',
  status: 'Status',
  reason: 'Because',
  correlation_id: 'Correlation',
  tag: 'Tag',
  tenant: 'Tenant',
  since: 'Since',
  until: 'Before',
}
