// A workflow as the API tells it, and its steps in words.
import { channel, duration } from '../../lib/words'

export type Document = Record<string, unknown>

export interface Workflow {
  key: string
  version: number
  paused: boolean
  updated_at: string | null
  document: Document
}

export interface Category {
  key: string
  version: number
  document: { lane: string; mandatory?: boolean; quiet_hours?: string; consent?: string }
}

export interface Version {
  version: number
  at: string
  by_template: boolean
  /** The latest earlier version that is the same. */
  same_as: number | null
}

export interface WholeVersion {
  key: string
  version: number
  at: string
  document: Document
  whole: Document
}

export interface Send {
  index: number
  kind: 'send'
  channel: string
  when: string
  notes: string[]
}

export interface Wait {
  index: number
  kind: 'delay' | 'until' | 'digest'
  title: string
  notes: string[]
}

export type Step = Send | Wait

/** The steps of a document, in their order; what is no step is left out. */
export function stepsOf(document: Document): Step[] {
  const steps = Array.isArray(document['steps']) ? document['steps'] : []
  return steps.flatMap((step: unknown, index): Step[] => {
    const found = record(step)
    if ('send' in found) return [sendOf(index, record(found['send']))]
    if ('delay' in found) {
      return [{ index, kind: 'delay', title: `Wait ${span(found['delay'])}`, notes: [] }]
    }
    if ('until' in found) return [untilOf(index, found['until'])]
    if ('digest' in found) return [digestOf(index, record(found['digest']))]
    return []
  })
}

/** The channels that a workflow sends on, each once. */
export function channelsOf(document: Document): string[] {
  const found = stepsOf(document).flatMap((step) => (step.kind === 'send' ? [step.channel] : []))
  return [...new Set(found)]
}

/** `PT10M` -> `10 min`; what is none stays as it is. */
export function span(text: unknown): string {
  const seconds = secondsOf(text)
  return seconds === null ? String(text) : duration(seconds)
}

/** Seconds of an ISO 8601 duration without months. */
export function secondsOf(text: unknown): number | null {
  const parts = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(String(text))
  if (parts === null) return null
  const [weeks, days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0))
  return (
    (weeks ?? 0) * 604_800 +
    (days ?? 0) * 86_400 +
    (hours ?? 0) * 3600 +
    (minutes ?? 0) * 60 +
    (seconds ?? 0)
  )
}

export type State = 'on' | 'paused' | 'shadow' | 'off'

/** What a workflow does about its events now. */
export function stateOf(workflow: Pick<Workflow, 'paused' | 'document'>): State {
  if (workflow.paused) return 'paused'
  const rollout = workflow.document['rollout']
  // YAML reads a bare `on` or `off` as a truth value.
  if (rollout === 'shadow') return 'shadow'
  return rollout === 'off' || rollout === false ? 'off' : 'on'
}

export const STATE_WORDS: Record<State, { text: string; tone: 'good' | 'warn' | 'quiet'; about: string }> = {
  on: { text: 'On', tone: 'good', about: 'Events are told.' },
  paused: {
    text: 'Paused',
    tone: 'warn',
    about: 'Somebody stopped it: new events are skipped, what is held waits.',
  },
  shadow: {
    text: 'Shadow',
    tone: 'quiet',
    about: 'It decides for everybody and sends nothing, so that its decisions can be looked at.',
  },
  off: { text: 'Off', tone: 'quiet', about: 'Its events are skipped.' },
}

/** The event type that a workflow listens to. */
export function listensTo(workflow: Pick<Workflow, 'key' | 'document'>): string {
  const on = workflow.document['on']
  return typeof on === 'string' ? on : workflow.key
}

/** `at most 3 in 24 h`, of the limit on a step. */
function most(cap: unknown): string {
  const { limit, window } = (cap ?? {}) as { limit?: unknown; window?: unknown }
  if (limit === undefined) return 'at most so many'
  return window === undefined ? `at most ${String(limit)}` : `at most ${String(limit)} in ${span(window)}`
}

function sendOf(index: number, send: Record<string, unknown>): Send {
  const notes: string[] = []
  if (send['quiet'] !== undefined) notes.push(QUIET[String(send['quiet'])] ?? String(send['quiet']))
  if (send['window'] !== undefined) notes.push('only at certain hours')
  if (send['presence'] !== undefined) notes.push(`waits ${span(send['presence'])} while they are at a desktop`)
  if (send['cap'] !== undefined) notes.push(most(send['cap']))
  if (send['aggregate'] !== undefined) notes.push('one item for many events')
  return { index, kind: 'send', channel: String(send['channel'] ?? ''), when: String(send['when'] ?? ''), notes }
}

const QUIET: Record<string, string> = {
  hold: 'waits for the end of quiet hours',
  silent: 'without a sound in quiet hours',
  digest: 'gathered in quiet hours',
  skip: 'dropped in quiet hours',
}

function untilOf(index: number, until: unknown): Wait {
  const inner = record(until)
  if ('window' in inner) return { index, kind: 'until', title: 'Wait for a weekly window', notes: [] }
  return { index, kind: 'until', title: 'Wait for an instant', notes: [String(until)] }
}

function digestOf(index: number, digest: Record<string, unknown>): Wait {
  const notes: string[] = []
  if (digest['key'] !== undefined) notes.push(`by ${String(digest['key'])}`)
  if (digest['lead'] === true) notes.push('the first goes on at once')
  const window = digest['window'] ?? digest['every']
  let title = 'Gather and tell as one'
  if (window !== undefined) title = `Gather for ${span(window)}, tell as one`
  else if (digest['cadence'] !== undefined) title = 'Gather as often as each user likes'
  return { index, kind: 'digest', title, notes }
}

/** A step in a few words, for screen readers and lists. */
export function said(step: Step): string {
  if (step.kind === 'send') return `Send by ${channel(step.channel).toLowerCase()}`
  return step.title
}

export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}
