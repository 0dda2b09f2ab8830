// What somebody would get now: the answer of every workflow on every channel it uses.
import { reason, type Tone } from '../../lib/words'
import type { CategoryTold, ScopeTold, WorkflowTold } from '../told'
import { unreachable, type Reach } from './addresses'

export interface WayAnswer {
  /** `on`, `held` or `off` */
  state: string
  reason: string
  scope?: ScopeTold | null
  until?: string
  alert?: boolean
}

/** `GET /v1/users/{id}/preferences/resolved`. */
export interface Resolved {
  user: string
  at: string
  asked: Record<string, string>
  unknown: string[]
  versions: Record<string, number>
  cadence: { value: string; scope: ScopeTold } | null
  channels: Record<string, WayAnswer>
  mentioned: Record<string, WayAnswer>
}

/** The channels a workflow sends on, in the order of its steps, each once. */
export function waysOf(flow: WorkflowTold): string[] {
  const found = (flow.document.steps ?? []).flatMap((step) => {
    const send = step['send'] as { channel?: string } | undefined
    return send?.channel ? [send.channel] : []
  })
  return [...new Set(found)]
}

const ORDER = ['inbox', 'push', 'email', 'sms', 'chat', 'webhook']

/** The columns: every channel that any of the workflows uses. */
export function columns(flows: WorkflowTold[]): string[] {
  const used = new Set(flows.flatMap(waysOf))
  return ORDER.filter((way) => used.has(way))
}

export interface Group {
  category: string
  mandatory: boolean
  flows: WorkflowTold[]
}

/** Workflows below their categories, both in the order of their keys. */
export function grouped(flows: WorkflowTold[], categories: CategoryTold[]): Group[] {
  const byKey = new Map(categories.map((one) => [one.key, one.document]))
  const keys = [...new Set(flows.map((flow) => flow.document.category ?? ''))].sort()
  return keys.map((category) => ({
    category,
    mandatory: byKey.get(category)?.mandatory ?? false,
    flows: flows
      .filter((flow) => (flow.document.category ?? '') === category)
      .sort((one, other) => one.key.localeCompare(other.key)),
  }))
}

const STATES: Record<string, { text: string; tone: Tone }> = {
  on: { text: 'On', tone: 'good' },
  held: { text: 'Later', tone: 'warn' },
  off: { text: 'Off', tone: 'quiet' },
}

export function state(answer: WayAnswer): { text: string; tone: Tone } {
  if (answer.state === 'on' && answer.alert === false) return { text: 'Silent', tone: 'info' }
  return STATES[answer.state] ?? { text: answer.state, tone: 'quiet' }
}

/** Why, behind the word of the state; nothing where nothing stands against it. */
export function why(answer: WayAnswer): string {
  return answer.reason === 'level_all' && answer.state === 'on' ? '' : reason(answer.reason)
}

/** The same, and which address it is about where none can be used. */
export function whyOn(way: string, answer: WayAnswer, reach: Reach | undefined): string {
  const found = answer.reason === 'no_destination' && reach ? unreachable(way, reach) : ''
  return found || why(answer)
}

/** Call for each, a few at a time, in order. */
export async function each<T, R>(
  list: T[],
  call: (one: T) => Promise<R>,
  atOnce = 4,
): Promise<R[]> {
  const found: R[] = new Array<R>(list.length)
  let next = 0
  async function work(): Promise<void> {
    while (next < list.length) {
      const place = next++
      found[place] = await call(list[place] as T)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, list.length) }, work))
  return found
}
