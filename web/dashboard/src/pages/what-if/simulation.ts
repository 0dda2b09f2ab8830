// A simulation, as the API tells it.
import type { GateLine } from '../told'

export interface Side {
  result: string
  reason: string | null
  ends: string | null
}

export interface Flow {
  channel: string
  before: Side
  after: Side
  count: number
}

export interface ChannelCounts {
  sent_before: number
  sent_after: number
  gained: number
  lost: number
  held_before: number
  held_after: number
  digested_before: number
  digested_after: number
  skipped_before: number
  skipped_after: number
  not_known: number
}

export interface Example {
  n: number
  notification_id: string
  event_id: string
  user: string | null
  workflow: string | null
  channel: string
  before: Side
  after: Side
}

export interface Traced extends Example {
  trace_before: GateLine[]
  trace_after: GateLine[]
}

export interface Answer {
  decisions: number
  unchanged: number
  changed: number
  /** It depends on something that nobody recorded. */
  not_known: number
  by_channel: Record<string, ChannelCounts>
  by_reason: Flow[]
  users_gaining: number
  users_losing: number
  examples: Example[]
  facts: {
    taken: string[]
    simulated: { fact: string; count: number }[]
    missing: { fact: string; count: number }[]
  }
}

export interface Simulation {
  id: string
  name: string
  state: string
  progress: { done: number; total: number; decisions: number }
  created_at: string | null
  updated_at: string | null
  finished_at: string | null
  error: string | null
  answer: Answer | null
}

/** Will it change by itself? */
export function ended(simulation: Simulation): boolean {
  return ['done', 'failed', 'canceled'].includes(simulation.state)
}
