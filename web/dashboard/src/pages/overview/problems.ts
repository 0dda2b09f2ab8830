// What is wrong now, in words, worst first. Pure: what was read and the time are arguments.
import { explained, standing } from '../../lib/causes'
import { href } from '../../lib/match'
import { ago, at, count, duration, percent, plural, stopped } from '../../lib/words'
import type { Lane } from '../../lib/watched'

export interface Trouble {
  id: string
  severity: 'bad' | 'warn' | 'info'
  title: string
  text: string
  /** Where it is mended, and what the link says. */
  href: string
  mend: string
}

export interface Provider {
  account: string
  kind: string
  channels: string[]
  order: number
  breaker: string
  since: string | null
  cause: string | null
  ramp_percent: number
  next_probe_at: string | null
  paused_until: string | null
  in_flight: number
  in_flight_limit: number
  in_flight_ceiling: number
  rate_per_second: number | null
  burst: number | null
  processes: number
  outcomes: Record<string, number>
  /** Of these, what was the trouble of one destination or message. */
  outcomes_apart?: Record<string, number>
  last_error: ProviderError | null
  last_errors: ProviderError[]
}

export interface ProviderError {
  outcome: string
  code: string
  about?: 'account' | 'destination' | 'message'
  at: string
}

export interface CauseGroup {
  cause: string
  channel: string
  account: string
  count: number
  redriven: number
  first_at: string
  last_at: string
}

export interface Process {
  process: number
  state: string
  restarts: number
  lanes: string[]
}

/** What an account answered in the last minutes. */
export interface Tries {
  account: string
  tried: number
  failed: number
  /** Of the failed, those that were the trouble of one destination or message. */
  apart: number
}

export interface Seen {
  lanes?: Lane[] | null | undefined
  providers?: Provider[] | undefined
  /** Dead letters of the last hour. */
  causes?: CauseGroup[] | undefined
  /** How many parts of audiences were put aside. */
  tasks?: number | undefined
  /** Why the server is not ready, if it is not. */
  unready?: string | null | undefined
  processes?: Process[] | undefined
  /** Whether rings do not reach other processes. */
  busAway?: boolean | undefined
  /** What accounts answered lately. */
  tries?: Tries[] | undefined
  blasts?: { id: string; name: string; state: string; paused_by: string | null }[] | undefined
  /** Milliseconds. */
  now: number
}

/** Seconds that due work may wait in a lane before that is a trouble. */
export const PATIENCE: Record<string, number> = {
  critical: 5,
  transactional: 30,
  social: 120,
  bulk: 900,
}
const WORSE = 5
const OVERDUE_SECONDS = 30
const WORTH_A_LINE = 6

export function troublesOf(seen: Seen): Trouble[] {
  const all = [
    ...server(seen),
    ...(seen.providers ?? []).flatMap((provider) => account(provider, seen.now)),
    ...(seen.tries ?? []).flatMap((tries) => failing(tries, seen)),
    ...(seen.lanes ?? []).flatMap((lane) => waiting(lane, seen)),
    ...aside(seen.tasks ?? 0),
    ...dead(seen.causes ?? []),
    ...(seen.blasts ?? []).flatMap(blast),
  ]
  const rank = { bad: 0, warn: 1, info: 2 }
  return all.sort((a, b) => rank[a.severity] - rank[b.severity])
}

function server(seen: Seen): Trouble[] {
  const found: Trouble[] = []
  if (seen.unready) {
    found.push({
      id: 'unready',
      severity: 'bad',
      title: 'The server cannot take work',
      text: `${stopped(seen.unready)} Events are refused with 503 until this is mended; nothing that was accepted is lost.`,
      href: href('/lanes'),
      mend: 'Look at its disk, its database and its log',
    })
  }
  if (seen.busAway) {
    found.push({
      id: 'bus',
      severity: 'warn',
      title: 'The bus is away',
      text: 'The processes do not hear each other. Work is found by looking instead, up to five seconds later a step; inboxes that are open show new items late. Nothing is lost.',
      href: href('/lanes'),
      mend: 'See the NATS server, and what waits meanwhile',
    })
  }
  for (const process of seen.processes ?? []) {
    if (process.state !== 'up') {
      found.push({
        id: `process-${process.process}`,
        severity: process.state === 'starting' ? 'info' : 'bad',
        title: `Process ${process.process} is not up`,
        text: `It is ${process.state}, and was started again ${plural(process.restarts, 'time')}. It is for ${process.lanes.join(', ') || 'no lane'}.`,
        href: href('/lanes'),
        mend: 'See what waits meanwhile',
      })
    }
  }
  return found
}

function account(provider: Provider, now: number): Trouble[] {
  const to = href('/providers', { account: provider.account })
  const why = provider.cause ? explained(provider.cause) : null
  const since = provider.since ? ` since ${at(provider.since)}` : ''
  if (provider.breaker === 'open' || provider.breaker === 'probing') {
    const next = provider.next_probe_at ? ` It is tried again ${ago(provider.next_probe_at, now)}.` : ''
    return [
      {
        id: `account-${provider.account}`,
        severity: 'bad',
        title: `${provider.account} takes no messages`,
        text: `${provider.cause ? `${standing(provider.cause)} (${provider.cause})` : 'Too many tries failed'}${since}.${next} What is for it waits or goes through another account.`,
        href: to,
        mend: why?.ours ? why.mend : 'See what it answers',
      },
    ]
  }
  if (provider.breaker === 'ramping') {
    return [
      {
        id: `account-${provider.account}`,
        severity: 'info',
        title: `${provider.account} is coming back`,
        text: `It answers again and is given ${provider.ramp_percent} % of its usual share, more every few seconds.`,
        href: to,
        mend: 'Watch it',
      },
    ]
  }
  if (provider.paused_until && Date.parse(provider.paused_until) > now) {
    return [
      {
        id: `pause-${provider.account}`,
        severity: 'warn',
        title: `${provider.account} asked for a pause`,
        text: `Nothing is sent through it until ${at(provider.paused_until)}. If this happens often, more is sent than the account may.`,
        href: to,
        mend: 'See its limits',
      },
    ]
  }
  return []
}

const FAILED = ['retry', 'retry_after', 'ambiguous', 'config', 'credential']
const FAILED_SHARE = 0.2
const FAILED_LEAST = 5
const LOOKED_BACK_MILLISECONDS = 120_000

export interface Answers {
  at: number
  outcomes: Record<string, Record<string, number>>
  apart: Record<string, Record<string, number>>
}

/** Answers so far by account, of this look and those of the last two minutes. */
export function remembered(before: Answers[], providers: Provider[], at: number): Answers[] {
  const outcomes = Object.fromEntries(providers.map((one) => [one.account, one.outcomes]))
  const apart = Object.fromEntries(providers.map((one) => [one.account, one.outcomes_apart ?? {}]))
  return [...before.filter((one) => at - one.at <= LOOKED_BACK_MILLISECONDS), { at, outcomes, apart }]
}

/** What came between the first and the last look. A count that fell (a process ended) tells nothing. */
export function triesOf(looks: Answers[]): Tries[] {
  const [first, last] = [looks[0], looks.at(-1)]
  if (!first || !last || first === last) return []
  return Object.entries(last.outcomes).map(([account, outcomes]) => {
    let [tried, failed, apart] = [0, 0, 0]
    for (const [kind, total] of Object.entries(outcomes)) {
      const more = Math.max(total - (first.outcomes[account]?.[kind] ?? 0), 0)
      tried += more
      if (!FAILED.includes(kind)) continue
      failed += more
      const [now, then] = [last.apart[account]?.[kind] ?? 0, first.apart[account]?.[kind] ?? 0]
      apart += Math.min(Math.max(now - then, 0), more)
    }
    return { account, tried, failed, apart }
  })
}

function failing({ account: name, tried, failed: all, apart }: Tries, seen: Seen): Trouble[] {
  const provider = seen.providers?.find((one) => one.account === name)
  const told = provider?.breaker === 'open' || provider?.breaker === 'probing'
  const failed = all - apart
  if (told) return []
  if (failed < FAILED_LEAST || failed < tried * FAILED_SHARE) return single(name, tried, apart)
  const error = provider?.last_error
  const last = error ? ` The last answer: ${error.code || error.outcome}.` : ''
  const wait = (seen.lanes ?? []).reduce((sum, lane) => sum + lane.ready, 0)
  return [
    {
      id: `failing-${name}`,
      severity: failed > tried / 2 ? 'bad' : 'warn',
      title: `${percent(failed / tried)} of the tries through ${name} fail`,
      text: `${count(failed)} of ${count(tried)} in the last two minutes.${last} They are tried again, each time later: ${plural(wait, 'message waits', 'messages wait')} in the lanes, those for their next try among them.`,
      href: href('/providers', { account: name }),
      mend: 'See what it answers',
    },
  ]
}

/** One that fails among many does not speak for the account. */
function single(name: string, tried: number, apart: number): Trouble[] {
  if (apart < FAILED_LEAST || apart < tried * FAILED_SHARE) return []
  return [
    {
      id: `single-${name}`,
      severity: 'warn',
      title: `Single destinations of ${name} fail`,
      text: `${count(apart)} of ${count(tried)} tries in the last two minutes, each for the sake of its own address, server or message. The account takes what goes to the others.`,
      href: href('/dead-letters', { account: name }),
      mend: 'See which were given up',
    },
  ]
}

function waiting(lane: Lane, seen: Seen): Trouble[] {
  const found: Trouble[] = []
  const patience = PATIENCE[lane.lane] ?? 60
  const to = href('/lanes', { lane: lane.lane })
  if (lane.oldest_age_seconds > patience) {
    const still = (seen.providers ?? []).filter(
      (provider) => provider.breaker === 'open' || provider.breaker === 'probing',
    )
    found.push({
      id: `age-${lane.lane}`,
      severity: lane.oldest_age_seconds > patience * WORSE ? 'bad' : 'warn',
      title: `The ${lane.lane} lane is behind`,
      text: `The oldest due work has waited ${duration(lane.oldest_age_seconds)}; more than ${duration(patience)} is unusual here. ${count(lane.depth)} in all.`,
      href: still.length > 0 ? href('/providers') : to,
      mend:
        still.length > 0
          ? `${plural(still.length, 'account stands', 'accounts stand')} still: begin there`
          : 'See what it waits for',
    })
  }
  if (lane.held_overdue_seconds > OVERDUE_SECONDS) {
    found.push({
      id: `held-${lane.lane}`,
      severity: 'warn',
      title: `Held work in the ${lane.lane} lane is overdue`,
      text: `The first of it was due ${duration(lane.held_overdue_seconds)} ago: digests and delays come late.`,
      href: to,
      mend: 'See the lane',
    })
  }
  // A lane that has nothing to do is not slowed down by anything.
  if (lane.yielding && lane.depth > 0) {
    found.push({
      id: `yield-${lane.lane}`,
      severity: 'info',
      title: `The ${lane.lane} lane goes slower`,
      text: `Urgent work comes first, so it uses ${percent(lane.headway)} of its time. It speeds up by itself.`,
      href: to,
      mend: 'See the lanes',
    })
  }
  return found
}

function aside(tasks: number): Trouble[] {
  if (tasks === 0) return []
  return [
    {
      id: 'tasks',
      severity: 'bad',
      title: `${plural(tasks, 'part')} of an audience ${tasks === 1 ? 'was' : 'were'} put aside`,
      text: 'They failed again and again, so people there have not been told.',
      href: href('/dead-letters', { view: 'tasks' }),
      mend: 'Look at them and redrive',
    },
  ]
}

function dead(groups: CauseGroup[]): Trouble[] {
  // What is on its way again, and what people did themselves, is no trouble to mend.
  const open = groups
    .map((group) => ({ ...group, left: group.count - group.redriven, why: explained(group.cause) }))
    .filter(({ left, cause }) => left > 0 && !cause.startsWith('opted_out'))
    .sort((a, b) => b.left - a.left)
  return open.slice(0, WORTH_A_LINE).map(({ cause, channel, account: name, left, why }) => ({
    id: `dead-${cause}-${channel}-${name}`,
    severity: cause.startsWith('destination_invalid') ? 'info' : why.ours ? 'bad' : 'warn',
    title: `${plural(left, 'dead letter')} in the last hour${name ? ` at ${name}` : ''}`,
    text: `${why.title} (${cause}). ${why.mend}`,
    href: href('/dead-letters', { cause, account: name }),
    mend: 'Look at them',
  }))
}

function blast(row: { id: string; name: string; state: string; paused_by: string | null }): Trouble[] {
  const name = row.name || row.id
  const to = href(`/blasts/${encodeURIComponent(row.id)}`)
  if (row.state === 'paused') {
    return [
      {
        id: `blast-${row.id}`,
        severity: 'warn',
        title: `The blast “${name}” stands still`,
        text: `It was paused${row.paused_by ? ` by ${row.paused_by}` : ''}. Who has not been told yet waits, and what expires meanwhile is not sent.`,
        href: to,
        mend: 'Resume or cancel it',
      },
    ]
  }
  return []
}
