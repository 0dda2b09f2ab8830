// Which dead letters: from the address to the API, and in words.
import type { Query } from '../../lib/match'
import { channel, count, plural } from '../../lib/words'

/** As the API takes it in lists and redrives. */
export interface Filter {
  cause?: string
  channel?: string
  account?: string
  workflow?: string
  event?: string
  user?: string
  tenant?: string
  since?: string
}

const NAMES = ['cause', 'channel', 'account', 'workflow', 'event', 'user', 'tenant'] as const

const SPANS: Record<string, number> = { '1h': 1, '24h': 24, '7d': 168 }

export const SINCE = [
  { value: '', label: 'Any time' },
  { value: '1h', label: 'Last hour' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
]

/** The filter that an address asks for; `now` in milliseconds. */
export function filterOf(query: Query, now: number): Filter {
  const filter: Filter = {}
  for (const name of NAMES) {
    const value = query[name]?.trim()
    if (value) filter[name] = value
  }
  const hours = SPANS[query['since'] ?? '']
  if (hours !== undefined) filter.since = new Date(now - hours * 3_600_000).toISOString()
  return filter
}

/** "all dead letters", "dead letters with cause retry:503 at fcm-main" */
export function inWords(filter: Filter): string {
  const parts: string[] = []
  if (filter.cause) parts.push(`with cause ${filter.cause}`)
  if (filter.channel) parts.push(`on ${channel(filter.channel)}`)
  if (filter.account) parts.push(`at ${filter.account}`)
  if (filter.workflow) parts.push(`of ${filter.workflow}`)
  if (filter.event) parts.push(`of the event ${filter.event}`)
  if (filter.user) parts.push(`of ${filter.user}`)
  if (filter.tenant) parts.push(`of the tenant ${filter.tenant}`)
  if (filter.since) parts.push(`since ${filter.since.slice(0, 16).replace('T', ' ')} UTC`)
  return parts.length > 0 ? `dead letters ${parts.join(', ')}` : 'all dead letters'
}

export interface Counts {
  ready: number
  decided_again: number
  expired: number
  canceled: number
  erased: number
  disabled: number
  opted_out: number
}

export interface Redrive {
  id: string | null
  status: string
  count: number
  tasks: number
  counts: Counts
  rate_per_second: number | null
  created_at: string | null
  due_until: string | null
  finished_at: string | null
  error: string | null
}

/** What became, or would become, of them: one line for each that there is. */
export function outcomes(counts: Counts): string[] {
  const told: string[] = []
  const say = (number: number, words: string): void => {
    if (number > 0) told.push(`${count(number)} ${words}`)
  }
  say(counts.ready, 'go on their way again')
  say(counts.decided_again, 'are decided again, as they had not been decided')
  say(counts.expired, 'came too late: they end as expired')
  say(counts.canceled, 'stay: their event was canceled')
  say(counts.erased, 'stay: their user was erased')
  say(counts.disabled, 'stay: the address or device is switched off')
  say(counts.opted_out, 'stay: the recipient opted out')
  return told
}

/** How many a redrive has met so far. */
export function met(counts: Counts): number {
  return Object.values(counts).reduce((sum, some: number) => sum + some, 0)
}

/** What a redrive comes to, in a sentence. */
export function summary(redrive: Redrive): string {
  const parts = plural(redrive.tasks, 'part of an audience', 'parts of audiences')
  const tasks = redrive.tasks > 0 ? ` and ${parts}` : ''
  return `${plural(redrive.count, 'message')}${tasks}`
}
