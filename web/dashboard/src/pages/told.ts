// What the API says of people and of what happened to them, as far as these pages show it.

export interface StepTold {
  /** null where one gate answered for all steps. */
  step: number | null
  channel: string | null
  result: string
  reason: string
  scope: string | null
  until: string | null
}

/** What became of one channel, whatever was decided first. */
export interface ChannelTold {
  step: number
  channel: string
  /** sent, partly_sent, silent, on_its_way, waiting, gathered, given_up, not_known or not_sent */
  became: string
  reason: string
  deliveries: Record<string, number>
  cause: string | null
}

/** A row of `GET /v1/notifications`. */
export interface Summary {
  id: string
  event_id: string
  type: string | null
  workflow: string | null
  user: string | null
  tenant: string | null
  status: string
  verdict: string
  /** A title or subject that it had, where that is certain. */
  title: string | null
  until: string | null
  decided_at: string
  canceled_at: string | null
  correlation_id: string | null
  steps: StepTold[]
  channels: ChannelTold[]
}

export interface GateLine {
  gate: string
  verdict: string
  detail: string
  scope?: string | null
  until?: string
}

export interface Answered {
  result: string
  reason: string
  gate: string
  scope: string | null
  decided_at: string
  n: number
  text: string
  until?: string
  until_local?: string
  alert?: boolean
  cap?: { scope?: string; used: number; limit: number; window_seconds: number; frees_at: string }
  trace: GateLine[]
}

/** One step of a story: the answer in force, and those before it. */
export interface StepEntry extends Answered {
  workflow: string
  step: number
  channel: string | null
  /** The condition of the step, as the workflow has it. */
  condition?: string
  wait?: string
  over?: boolean
  digest?: {
    id: string
    key: string
    count: number
    opened_at: string
    closed_at?: string
    closes_at?: string
    told_by: string | null
  }
  deliveries: { id: string; status: string }[]
  history?: Answered[]
}

export interface Delivery {
  id: string
  step: number
  channel: string
  status: string
  account: string
  attempts: number
  outcome: string | null
  code: string | null
  detail: string | null
  provider_id: string | null
  created_at: string
  updated_at: string
  next_try_at: string | null
  /** As it is known today; null once it is gone. */
  destination?: {
    platform: string | null
    app: string | null
    address: string
    disabled_at: string | null
  } | null
  digest?: string
  told_together_with?: number
}

export interface Moment {
  at: string
  what: string
  text: string
  future?: boolean
  channel?: string
  delivery?: string
  digest?: string
  workflow?: string
  n?: number
  step?: number
  steps?: { step: number; result: string; reason: string }[]
  type?: string
  until?: string
  attempts?: number
  outcome?: string
  provider_id?: string | null
  ms?: number
  code?: string
  detail?: string
}

export interface Content {
  step: number
  locale: string
  fields: Record<string, unknown>
  /** Else it may have been another locale. */
  certain: boolean
  /** Their own locale of then. */
  wanted: string | null
}

/** `GET /v1/events/{id}/why`, and what a notification shares with it. */
export interface Why {
  event_id: string
  user: string | null
  verdict: string
  because: string
  channels: StepEntry[]
  waits: { workflow: string; step: number; channels: string[]; due: string; next: string }[]
  facts: Record<string, unknown>
  deliveries: Delivery[]
  decided_at: string
  decision_kept: boolean
  /** By whose clock it was decided: `user`, `default` or `none`. */
  zone?: { name: string; from: string } | null
  versions: {
    user?: number
    preferences?: number
    defaults?: number
    decider?: number
    same_answer_today?: boolean
    workflows?: Record<string, number>
  }
  timeline: Moment[]
  /** What had told the same before a duplicate, while that is known. */
  repeats?: { event_id: string; notification_id: string }[]
  tells_of?: { count: number; events: { event_id: string; type: string; actor?: string | null; accepted_at: string }[] }
}

/** `GET /v1/notifications/{id}`. */
export interface Story extends Why {
  id: string
  event_type: string
  workflow: string
  status: string
  correlation_id: string | null
  tags: Record<string, string>
  content: Content[]
}

export interface EventSummary {
  id: string
  type: string
  accepted_at: string
  expires_at: string | null
  canceled_at: string | null
  correlation_id: string | null
  cancellation_key: string | null
  tags: Record<string, string>
  workflows: string[]
}

export interface Counts {
  recipients: number
  sent: number
  skipped: number
  held: number
  open: number
  dead: number
  undecided: number
}

export interface EventTold extends EventSummary {
  status: string
  tenant: string | null
  actor: string | null
  about: string | null
  silent: boolean
  ordering_key: string | null
  forms: Record<string, string>
  lanes: string[]
  counts: Counts
  deliveries: Record<string, { sent: number; open: number; dead: number }>
  balanced: boolean
  put_aside: number
  estimate: Record<string, string | null> | null
  paused_at: string | null
  data: Record<string, unknown> | null
}

export interface User {
  id: string
  version: number
  updated_at: string
  email: string | null
  phone: string | null
  locale: string | null
  timezone: string | null
  name: string | null
  roles: string[]
  data: Record<string, unknown>
  tenants: string[]
}

export interface ScopeTold {
  kind: string
  id?: string | null
}

export interface WorkflowTold {
  key: string
  version: number
  paused: boolean
  document: {
    on?: string
    category?: string
    steps?: Record<string, unknown>[]
    [more: string]: unknown
  }
}

export interface CategoryTold {
  key: string
  version: number
  document: { lane?: string; mandatory?: boolean; consent?: string; [more: string]: unknown }
}
