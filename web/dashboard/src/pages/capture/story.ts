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
  user: string | null
  status: string
  until: string | null
  steps: { step: number | null; channel: string | null; result: string; reason: string; until: string | null }[]
}

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
  /** Counted among those looked at only. */
  some: boolean
  text: string
  people: { user: string; notification: string }[]
  until?: string
}

/** Events of one type within a story. */
export interface Scene {
  type: string
  events: EventTold[]
  lines: Line[]
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

/** Newest first; events with the same `story` tag are one story, and of one type one scene. */
export function storiesOf(events: Looked[]): Story[] {
  const groups = new Map<string, Looked[]>()
  for (const looked of events) {
    const key = looked.event.tags[STORY] ? `tag ${looked.event.tags[STORY]}` : looked.event.id
    groups.set(key, [...(groups.get(key) ?? []), looked])
  }
  return [...groups].map(([key, group]) => {
    const first = group.reduce((a, b) => (a.event.accepted_at < b.event.accepted_at ? a : b)).event
    return { key, title: first.tags[STORY] ?? titled(first.type), at: first.accepted_at, scenes: scenesOf(group) }
  })
}

/** `order.created` -> `Order created` */
export function titled(type: string): string {
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
    example: exampleOf(same),
    moving: same.some(({ event }) => event.status === 'accepted' || event.counts.open > 0),
  }))
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
  const gathered = sent.filter((one) => inDigest(one))
  const reached = sent.filter((one) => !inDigest(one))
  const toldNumber = whole ? reached.length : counts.sent
  if (toldNumber > 0) {
    lines.push({ tone: 'good', number: toldNumber, some: false, text: `told${ways(event)}`, people: people(reached) })
  }
  if (gathered.length > 0) {
    lines.push({ tone: 'info', number: gathered.length, some: !whole, text: 'told together with others, as one', people: people(gathered) })
  }
  if (counts.open > 0) {
    lines.push({ tone: 'info', number: counts.open, some: false, text: 'on the way', people: [] })
  }
  lines.push(...heldLines(told, counts.held, whole))
  const skipped = told.filter((one) => one.status === 'skipped')
  lines.push(...grouped(skipped, (one) => one.steps[0]?.reason ?? '', whole, counts.skipped, (code) => `not told: ${reason(code)}`))
  lines.push(...partial(sent, whole))
  for (const [way, numbers] of Object.entries(event.deliveries)) {
    if (numbers.dead > 0) {
      lines.push({ tone: 'bad', number: numbers.dead, some: false, text: `${channel(way)} given up: the provider refused the address or the message`, people: [] })
    }
  }
  if (counts.undecided > 0) {
    lines.push({ tone: 'quiet', number: counts.undecided, some: false, text: 'have not looked yet; it is decided when they do', people: [] })
  }
  return lines
}

/** How many people of how many, for a headline. */
export function summed(scene: Scene): string {
  const sum = (name: keyof EventTold['counts']): number =>
    scene.events.reduce((total, event) => total + event.counts[name], 0)
  const recipients = sum('recipients')
  const events = scene.events.length > 1 ? `${plural(scene.events.length, 'event')} for ` : 'For '
  return `${events}${plural(recipients, 'person', 'people')}`
}

function heldLines(told: Told[], held: number, whole: boolean): Line[] {
  const waiting = told.filter((one) => one.status === 'held')
  return grouped(waiting, (one) => waitOf(one)?.reason ?? '', whole, held, (code) => {
    const gathering = code === 'digested'
    return gathering ? 'being gathered, to be told as one' : `held: ${reason(code)}`
  }).map((line) => {
    const one = waiting.find((found) => line.people.some((who) => who.notification === found.id))
    const until = one?.until ?? (one ? waitOf(one)?.until : null)
    return { ...line, tone: 'warn' as Tone, ...(until ? { until } : {}) }
  })
}

function waitOf(one: Told): Told['steps'][number] | undefined {
  return one.steps.find((step) => step.result === 'hold' || step.result === 'digest')
}

function inDigest(one: Told): boolean {
  return one.steps.some((step) => step.result === 'digest' && step.reason === 'digested')
}

// Told on one channel and not on another: that is where preferences show.
function partial(sent: Told[], whole: boolean): Line[] {
  const found = new Map<string, Told[]>()
  for (const one of sent) {
    for (const step of one.steps) {
      if (step.result !== 'skip' || step.channel === null) continue
      const key = `${step.channel} ${step.reason}`
      found.set(key, [...(found.get(key) ?? []), one])
    }
  }
  return [...found].map(([key, ones]) => {
    const [way = '', code = ''] = key.split(' ')
    return { tone: 'quiet' as Tone, number: ones.length, some: !whole, text: `told, but not by ${channel(way).toLowerCase()}: ${reason(code)}`, people: people(ones) }
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
  const [only] = found.values()
  return [...found].map(([code, group]) => ({
    tone: 'quiet',
    // One reason for all of them: then the event's own count is exact.
    number: found.size === 1 && only === group && !whole ? total : group.length,
    some: !whole && found.size > 1,
    text: text(code),
    people: people(group),
  }))
}

function people(ones: Told[]): Line['people'] {
  return ones.flatMap((one) => (one.user ? [{ user: one.user, notification: one.id }] : []))
}

function ways(event: EventTold): string {
  const found = Object.entries(event.deliveries).filter(([, numbers]) => numbers.sent > 0)
  if (found.length === 0) return ''
  return `: ${found.map(([way, numbers]) => `${count(numbers.sent)} by ${channel(way).toLowerCase()}`).join(', ')}`
}

// The same happened in several events: one line, and each person once.
function merged(lines: Line[]): Line[] {
  const found = new Map<string, Line>()
  for (const line of lines) {
    const key = line.text.replace(/: [\d,]+ by .*/, '')
    const there = found.get(key)
    if (there === undefined) found.set(key, line)
    else {
      found.set(key, {
        ...there,
        number: there.number + line.number,
        some: there.some || line.some,
        text: there.text === line.text || key !== 'told' ? there.text : 'told',
        people: [...there.people, ...line.people],
      })
    }
  }
  return [...found.values()].map((line) => ({ ...line, people: unique(line.people) }))
}

function unique(list: Line['people']): Line['people'] {
  return [...new Map(list.map((one) => [one.user, one])).values()]
}

/** Who is named in a line, and how many more there are. */
export function named(line: Line): { shown: Line['people']; more: number } {
  const shown = line.people.slice(0, line.people.length === PEOPLE_SHOWN + 1 ? PEOPLE_SHOWN + 1 : PEOPLE_SHOWN)
  return { shown, more: Math.max(line.number - shown.length, 0) }
}
