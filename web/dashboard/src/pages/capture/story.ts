// What became of events, told in a sentence for each thing that happened to people.
import { channel, count, plural, reason, type Tone } from '../../lib/words'

/** A tag of this name puts events together under its words. */
export const STORY = 'story'

export interface EventTold {
  id: string
  type: string
  status: string
  accepted_at: string
  tags: Record<string, string>
  workflows: string[]
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
}

export interface Told {
  id: string
  event_id: string
  workflow: string | null
  user: string | null
  status: string
  until: string | null
  steps: { step: number | null; channel: string | null; result: string; reason: string; until: string | null }[]
  verdict: string
  channels: { channel: string; became: string; deliveries: Record<string, number>; cause: string | null }[]
}

/** The type of the events that tell a digest. */
export const DIGEST = 'clarion.digest'

/** An event with some of its notifications; `whole`: with all of them. */
export interface Looked {
  event: EventTold
  told: Told[]
  whole: boolean
}

export interface Line {
  tone: Tone
  /** How many people, or messages of `unit`. */
  number: number
  /** Worked out from those looked at only: about so many. */
  some: boolean
  text: string
  people: { user: string; notification: string }[]
  /** How many of `number` are not among the people. */
  unnamed: number
  until?: string
  /** Messages by channel. */
  ways?: Record<string, number>
}

/** Events of one type within a story. */
export interface Scene {
  type: string
  events: EventTold[]
  lines: Line[]
  /** How many different people, as far as one can see. */
  persons: number
  /** Somebody's notification that shows the words. */
  example: Told | null
  moving: boolean
}

export interface Story {
  key: string
  title: string
  at: string
  scenes: Scene[]
}

const PEOPLE_SHOWN = 4

/** Newest first; events with the same `story` tag are one story, and of one type one scene. A digest
 * belongs to the story that it tells. */
export function storiesOf(events: Looked[]): Story[] {
  const groups = new Map<string, Looked[]>()
  for (const looked of events) {
    const key = keyOf(looked, events)
    groups.set(key, [...(groups.get(key) ?? []), looked])
  }
  return [...groups].map(([key, group]) => {
    const first = group.reduce((a, b) => (a.event.accepted_at < b.event.accepted_at ? a : b)).event
    const title = group.find((looked) => looked.event.tags[STORY])?.event.tags[STORY]
    return { key, title: title ?? titled(first.type), at: first.accepted_at, scenes: scenesOf(group) }
  })
}

function keyOf(looked: Looked, events: Looked[]): string {
  if (looked.event.tags[STORY]) return `tag ${looked.event.tags[STORY]}`
  if (looked.event.type === DIGEST) {
    const mine = new Set(looked.told.map((one) => `${one.workflow} ${one.user}`))
    const gathered = events.find(
      ({ event, told }) =>
        event.type !== DIGEST &&
        event.accepted_at <= looked.event.accepted_at &&
        told.some((one) => inDigest(one) && mine.has(`${one.workflow} ${one.user}`)),
    )
    if (gathered !== undefined) return keyOf(gathered, events)
  }
  return looked.event.id
}

/** `order.created` -> `Order created` */
export function titled(type: string): string {
  if (type === DIGEST) return 'Told as one'
  const words = type.replace(/[._:/-]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function scenesOf(group: Looked[]): Scene[] {
  const types = new Map<string, Looked[]>()
  for (const looked of [...group].sort((a, b) => (a.event.accepted_at < b.event.accepted_at ? -1 : 1))) {
    // What came out otherwise is told apart, so that a late order is not lost among others.
    const key = `${looked.event.type} ${looked.event.counts.sent > 0 ? 'told' : 'not'}`
    types.set(key, [...(types.get(key) ?? []), looked])
  }
  return [...types.values()].map((same) => ({
    type: same[0]?.event.type ?? '',
    events: same.map((looked) => looked.event),
    lines: merged(same.flatMap(linesOf)),
    persons: personsOf(same),
    example: exampleOf(same),
    moving: same.some(({ event }) => event.status === 'accepted' || event.counts.open > 0),
  }))
}

function personsOf(same: Looked[]): number {
  if (same.some((looked) => !looked.whole)) {
    return same.reduce((total, { event }) => total + event.counts.recipients, 0)
  }
  return new Set(same.flatMap((looked) => looked.told.map((one) => one.user ?? one.id))).size
}

function exampleOf(same: Looked[]): Told | null {
  const all = same.flatMap((looked) => looked.told)
  return all.find((told) => told.status === 'sent') ?? all.find((told) => told.status !== 'skipped') ?? null
}

/** What became of the people of one event: told, held, gathered, not told, and why. */
export function linesOf({ event, told, whole }: Looked): Line[] {
  const { counts } = event
  const lines: Line[] = []
  const sent = told.filter((one) => one.status === 'sent')
  const gathered = sent.filter(inDigest)
  const silent = sent.filter((one) => !inDigest(one) && one.verdict === 'silent')
  const reached = sent.filter((one) => !inDigest(one) && one.verdict !== 'silent')
  const share = (ones: Told[]): number => (whole ? ones.length : about(ones, sent, counts.sent))
  const number = whole ? reached.length : counts.sent - share(silent) - share(gathered)
  if (number > 0) lines.push({ ...line('good', number, 'told', reached), ways: waysOf(event) })
  if (silent.length > 0) lines.push({ ...line('info', share(silent), 'have it in the inbox, silently', silent), some: !whole })
  if (gathered.length > 0) {
    lines.push({ ...line('info', share(gathered), 'gathered, and told together as one', gathered), some: !whole })
  }
  if (counts.open > 0) lines.push(line('info', counts.open, 'on the way'))
  lines.push(...heldLines(told, counts.held, whole))
  const skipped = told.filter((one) => one.status === 'skipped')
  const why = (one: Told): string => one.steps[0]?.reason ?? ''
  lines.push(...grouped(skipped, why, whole, counts.skipped, (code) => `not told: ${reason(code)}`))
  lines.push(...partial(sent, event, whole))
  for (const [way, numbers] of Object.entries(event.deliveries)) {
    if (numbers.dead > 0) lines.push(...givenUp(way, numbers.dead, told))
  }
  if (counts.undecided > 0) {
    lines.push(line('quiet', counts.undecided, 'have not looked yet; it is decided when they do'))
  }
  return lines
}

const DEAD = new Set(['dead', 'failed', 'bounced', 'unknown'])

// Messages of one channel that were given up, by why; of a large audience not everybody's reason is known.
function givenUp(way: string, number: number, told: Told[]): Line[] {
  const found = new Map<string, Line>()
  const name = channel(way).toLowerCase()
  for (const one of told) {
    for (const { deliveries, became, cause } of one.channels.filter((each) => each.channel === way)) {
      const dead = Object.entries(deliveries).reduce((sum, [status, n]) => sum + (DEAD.has(status) ? n : 0), 0)
      if (dead === 0) continue
      const start = became === 'not_known' ? `by ${name} sent, and nobody knows whether it arrived` : `by ${name} given up`
      const text = cause === null ? start : `${start}: ${cause}`
      const there = found.get(text)
      const who = [...(there?.people ?? []), ...people([one])]
      found.set(text, {
        ...line(became === 'not_known' ? 'warn' : 'bad', (there?.number ?? 0) + dead, text),
        people: who,
        unnamed: 0,
      })
    }
  }
  const known = [...found.values()].reduce((sum, one) => sum + one.number, 0)
  if (known < number) found.set('', line('bad', number - known, `by ${name} given up`))
  return [...found.values()]
}

/** A line without its number: `told: 2 by inbox, 1 by push`. */
export function said(one: Line): string {
  const ways = Object.entries(one.ways ?? {}).filter(([, number]) => number > 0)
  if (ways.length === 0) return one.text
  return `${one.text}: ${ways.map(([way, number]) => `${count(number)} by ${channel(way).toLowerCase()}`).join(', ')}`
}

/** How many people, and by how many events, for a headline. */
export function summed(scene: Scene): string {
  const people_ = plural(scene.persons, 'person', 'people')
  return scene.events.length > 1 ? `${plural(scene.events.length, 'event')} for ${people_}` : `For ${people_}`
}

function line(tone: Tone, number: number, text: string, ones: Told[] = []): Line {
  const named_ = people(ones)
  return { tone, number, some: false, text, people: named_, unnamed: number - named_.length }
}

function heldLines(told: Told[], held: number, whole: boolean): Line[] {
  const waiting = told.filter((one) => one.status === 'held')
  const why = (one: Told): string => waitOf(one)?.reason ?? ''
  const text = (code: string): string =>
    code === 'digested' ? 'being gathered, to be told as one' : `held: ${reason(code)}`
  return grouped(waiting, why, whole, held, text).map((found) => {
    const one = waiting.find((other) => found.people.some((who) => who.notification === other.id))
    const until = one?.until ?? (one ? waitOf(one)?.until : null)
    return { ...found, tone: 'warn' as Tone, ...(until ? { until } : {}) }
  })
}

function waitOf(one: Told): Told['steps'][number] | undefined {
  return one.steps.find((step) => step.result === 'hold' || step.result === 'digest')
}

function inDigest(one: Told): boolean {
  return one.steps.some((step) => step.result === 'digest' && step.reason === 'digested')
}

// Of a large audience not everybody is looked at: what holds for a share of some is taken for all.
function about(ones: Told[], of: Told[], total: number): number {
  if (ones.length === 0) return 0
  if (ones.length === of.length) return total
  const exact = (ones.length / of.length) * total
  const step = 10 ** Math.max(0, Math.floor(Math.log10(exact)) - 2)
  return Math.max(ones.length, Math.round(exact / step) * step)
}

// One message a person goes by these, so who got none is counted.
const ONE_EACH = new Set(['email', 'sms'])

// Told on one channel and not on another: that is where preferences show.
function partial(sent: Told[], event: EventTold, whole: boolean): Line[] {
  const found = new Map<string, Told[]>()
  for (const one of sent) {
    for (const step of one.steps) {
      if (step.result !== 'skip' || step.channel === null) continue
      const key = `${step.channel} ${step.reason}`
      found.set(key, [...(found.get(key) ?? []), one])
    }
  }
  const ways = [...found.keys()].map((key) => key.split(' ')[0])
  return [...found].map(([key, ones]) => {
    const [way = '', code = ''] = key.split(' ')
    const text = `told, but not by ${channel(way).toLowerCase()}: ${reason(code)}`
    if (whole) return line('quiet', ones.length, text, ones)
    const { sent: had = 0, open = 0, dead = 0 } = event.deliveries[way] ?? {}
    const without = event.counts.sent - had - open - dead
    const isOnly = ways.filter((other) => other === way).length === 1
    if (ONE_EACH.has(way) && isOnly && without >= ones.length) return line('quiet', without, text, ones)
    return { ...line('quiet', about(ones, sent, event.counts.sent), text, ones), some: true }
  })
}

function grouped(
  ones: Told[],
  by: (one: Told) => string,
  whole: boolean,
  total: number,
  text: (code: string) => string,
): Line[] {
  const found = new Map<string, Told[]>()
  for (const one of ones) found.set(by(one), [...(found.get(by(one)) ?? []), one])
  // One reason for all of them: then the event's own count is exact.
  const number = (group: Told[]): number => {
    if (whole) return group.length
    return found.size === 1 ? total : about(group, ones, total)
  }
  return [...found].map(([code, group]) => ({
    ...line('quiet', number(group), text(code), group),
    some: !whole && found.size > 1,
  }))
}

function people(ones: Told[]): Line['people'] {
  return ones.flatMap((one) => (one.user ? [{ user: one.user, notification: one.id }] : []))
}

function waysOf(event: EventTold): Record<string, number> {
  return Object.fromEntries(Object.entries(event.deliveries).map(([way, numbers]) => [way, numbers.sent]))
}

// The same happened in several events: one line, and each person once.
function merged(lines: Line[]): Line[] {
  const found = new Map<string, Line>()
  for (const one of lines) {
    const there = found.get(one.text)
    if (there === undefined) found.set(one.text, one)
    else {
      const ways = { ...there.ways }
      for (const [way, number] of Object.entries(one.ways ?? {})) ways[way] = (ways[way] ?? 0) + number
      found.set(one.text, {
        ...there,
        number: there.number + one.number,
        some: there.some || one.some,
        people: [...there.people, ...one.people],
        unnamed: there.unnamed + one.unnamed,
        ways,
      })
    }
  }
  return [...found.values()].map((one) => ({ ...one, people: unique(one.people) }))
}

function unique(list: Line['people']): Line['people'] {
  return [...new Map(list.map((one) => [one.user, one])).values()]
}

/** Who is named in a line, and how many more there are. */
export function named(one: Line): { shown: Line['people']; more: number } {
  const fits = one.people.length + one.unnamed === PEOPLE_SHOWN + 1
  const shown = one.people.slice(0, fits ? PEOPLE_SHOWN + 1 : PEOPLE_SHOWN)
  return { shown, more: one.people.length - shown.length + one.unnamed }
}
