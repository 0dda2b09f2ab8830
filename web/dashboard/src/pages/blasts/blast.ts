// Blasts as the API tells them, what may be done with one, and how honest its finish is.
import { ago, at, count, duration, plural, reason } from '../../lib/words'

export interface ChannelShare {
  account: string
  lane: string
  deliveries: number
  ahead: number
  rate_per_second: number | null
  seconds: number | null
}

export interface BlastChannel {
  recipients: number
  destinations: number
  held: number
  gathered: number
  skipped: Record<string, number>
  rate_per_second: number | null
  seconds: number | null
  earliest_finish: string | null
  accounts: ChannelShare[]
}

export interface Trouble {
  detail: string
  workflow?: string
  step?: number
  channel?: string
  locale?: string
  account?: string
}

export interface BlastEvent {
  id: string
  status: string
  counts: {
    recipients: number
    sent: number
    skipped: number
    held: number
    open: number
    dead: number
    undecided: number
  }
  deliveries: Record<string, { sent: number; open: number; dead: number }>
  left: number
  balanced: boolean
  estimate: Record<string, string | null> | null
}

export interface Blast {
  id: string
  name: string
  type: string
  state: string
  workflows: string[]
  lanes: string[]
  progress: { recipients: number; percent: number }
  audience: { recipients: number; told: number; skipped: Record<string, number> }
  channels: Record<string, BlastChannel>
  locales: string[]
  problems: Trouble[]
  warnings: Trouble[]
  note: string | null
  tests: number
  expires_in_seconds: number | null
  created_at: string | null
  armed_at: string | null
  fire_at: string | null
  fired_at: string | null
  paused_at: string | null
  paused_by: string | null
  expires_at: string | null
  expired_at: string | null
  canceled_at: string | null
  ended_at: string | null
  event_id: string | null
  event: BlastEvent | null
}

export type Action = 'test' | 'fire' | 'pause' | 'resume' | 'cancel' | 'delete'

const ACTIONS: Record<string, Action[]> = {
  preparing: ['cancel'],
  armed: ['test', 'fire', 'cancel'],
  refused: ['delete'],
  fired: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
}

/** What may be done with it as it stands. */
export function actions(blast: Blast): Action[] {
  const allowed = ACTIONS[blast.state] ?? (blast.fired_at === null ? ['delete' as const] : [])
  return blast.state === 'armed' && blast.fire_at !== null ? [...allowed, 'pause'] : allowed
}

/** How long to wait until it is looked at again, in seconds. */
export function rhythm(state: string): number {
  return state === 'preparing' || state === 'fired' ? 1.5 : 6
}

/** Who of the audience stands where once it is fired: parts of the whole. */
export function standing(blast: Blast): { label: string; value: number; tone: 'good' | 'warn' | 'bad' | 'info' | 'quiet' }[] {
  const event = blast.event
  if (event === null) return []
  return [
    { label: 'Told', value: event.counts.sent, tone: 'good' },
    { label: 'On its way', value: event.counts.open, tone: 'info' },
    { label: 'Held', value: event.counts.held, tone: 'warn' },
    { label: 'Dead letters', value: event.counts.dead, tone: 'bad' },
    { label: 'Skipped', value: event.counts.skipped, tone: 'quiet' },
  ]
}

/** Share of the audience for whom all is said and done, 0 to 1. */
export function done(blast: Blast): number {
  const event = blast.event
  if (event === null) return 0
  const { sent, skipped, dead, open, held } = event.counts
  const all = sent + skipped + dead + open + held + event.left
  return all === 0 ? 1 : (sent + skipped + dead) / all
}

/** Where it stands, in a sentence. */
export function headline(blast: Blast, now: number): string {
  const people = plural(blast.audience.recipients, 'person', 'people')
  switch (blast.state) {
    case 'preparing':
      return `Its audience is being cut: ${plural(blast.progress.recipients, 'person', 'people')} so far, about ${Math.round(blast.progress.percent)} %. Nothing is sent.`
    case 'armed':
      return blast.fire_at
        ? `Armed for ${people}. It fires by itself ${ago(blast.fire_at, now)}, at ${at(blast.fire_at)}.`
        : `Armed for ${people}: ${count(blast.audience.told)} would be told, as things stood when it was prepared. Nothing is sent until it is fired.`
    case 'refused':
      return 'It cannot be fired: mend what is named below and prepare it anew.'
    case 'fired':
      return `${count(blast.event?.left ?? 0)} of ${people} are not decided yet.`
    case 'paused':
      return `It stands still${blast.paused_by ? `, paused by ${blast.paused_by}` : ''}. ${count(blast.event?.left ?? 0)} of ${people} are not decided yet; nobody more is told until it is resumed.`
    case 'complete':
      return blast.event
        ? `Over: ${count(blast.event.counts.sent)} of ${people} were told; everybody else has a reason.`
        : 'Over.'
    case 'canceled':
      return blast.event
        ? `Canceled: ${count(blast.event.counts.sent)} had been told before.`
        : 'Canceled before it was fired. Nobody was told.'
    case 'expired':
      return blast.fired_at
        ? 'Expired: who had not been told by then was not told.'
        : 'Expired before it was fired. Nobody was told.'
    default:
      return blast.state
  }
}

/** When a channel is done at the earliest. Where no quota bounds it nothing is promised. */
export function finish(blast: Blast, name: string, now: number): string {
  const channel = blast.channels[name]
  if (blast.state === 'complete' && blast.ended_at) return `finished ${ago(blast.ended_at, now)}`
  if (['canceled', 'expired', 'refused'].includes(blast.state)) return '–'
  const fired = blast.fired_at !== null
  const at_ = fired ? (blast.event?.estimate?.[name] ?? null) : (channel?.earliest_finish ?? null)
  if (fired && (blast.event?.deliveries[name]?.open ?? 0) === 0 && (blast.event?.left ?? 0) === 0) {
    return 'nothing waits'
  }
  if (!fired && channel?.destinations === 0) return '–'
  if (name === 'inbox') return 'with the decision: an inbox needs no provider'
  if (blast.state === 'paused') return 'not while it is paused'
  if (!fired && channel?.seconds != null) return `${duration(channel.seconds)} after firing, at the earliest`
  if (at_ !== null) {
    return Date.parse(at_) <= now ? 'any moment' : `${ago(at_, now)}, at the earliest`
  }
  return 'no quota is set, so nothing is promised'
}

/** Reasons with how many, the most frequent first. */
export function reasons(skipped: Record<string, number>): { text: string; code: string; value: number }[] {
  return Object.entries(skipped)
    .map(([code, value]) => ({ code, value, text: reason(code) }))
    .sort((a, b) => b.value - a.value)
}

/** Where a trouble is, for people: "sale, step 2, email, de". */
export function place(trouble: Trouble): string {
  return [
    trouble.workflow,
    trouble.step === undefined ? undefined : `step ${trouble.step + 1}`,
    trouble.channel,
    trouble.locale,
    trouble.account,
  ]
    .filter((one) => one !== undefined)
    .join(', ')
}

export interface Draft {
  name: string
  id: string
  type: string
  audience: 'topic' | 'all' | 'users' | 'workflow'
  topic: string
  except: string
  users: string
  tenant: string
  data: string
  expiresIn: string
}

export type Mistakes = Partial<Record<keyof Draft, string>>

/** The body of `POST /v1/blasts`, or what is wrong with the form. */
export function bodyOf(draft: Draft): { body: Record<string, unknown> } | { mistakes: Mistakes } {
  const mistakes: Mistakes = {}
  if (!draft.type.trim()) mistakes.type = 'Choose the type of event: it selects the workflows.'
  let data: unknown = {}
  try {
    data = JSON.parse(draft.data.trim() || '{}')
    if (typeof data !== 'object' || data === null || Array.isArray(data)) {
      mistakes.data = 'Write an object, as in {"percent": 20}.'
    }
  } catch (error) {
    mistakes.data = `This is not JSON: ${error instanceof Error ? error.message : String(error)}`
  }
  const except = words(draft.except)
  let recipients: unknown
  if (draft.audience === 'topic') {
    if (!draft.topic.trim()) mistakes.topic = 'Name the topic whose subscribers are meant.'
    recipients = [{ topic: draft.topic.trim(), ...(except.length > 0 ? { except } : {}) }]
  } else if (draft.audience === 'all') recipients = [{ all: true }]
  else if (draft.audience === 'users') {
    recipients = words(draft.users)
    if (words(draft.users).length === 0) mistakes.users = 'Name at least one user.'
  }
  if (Object.keys(mistakes).length > 0) return { mistakes }
  return {
    body: {
      type: draft.type.trim(),
      data,
      ...(draft.name.trim() ? { name: draft.name.trim() } : {}),
      ...(draft.id.trim() ? { id: draft.id.trim() } : {}),
      ...(recipients === undefined ? {} : { recipients }),
      ...(draft.tenant.trim() ? { tenant: draft.tenant.trim() } : {}),
      ...(draft.expiresIn ? { expires_in: draft.expiresIn } : {}),
    },
  }
}

/** Ids that are separated by commas, spaces or lines. */
export function words(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))]
}
