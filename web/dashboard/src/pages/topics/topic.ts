// A topic, as `GET /v1/topics/{key}` says it.
export interface TopicTold {
  key: string
  parent: string | null
  kind: string
  default_level: string | null
  broadcast: string
  data: Record<string, unknown>
  version: number
  /** Only of a single topic. */
  subscribers: number | null
}

const FORMS: Record<string, string> = {
  auto: 'written for each subscriber, or stored once where there are many',
  always: 'stored once, and decided when somebody looks',
  never: 'written for each subscriber',
}

export function form(broadcast: string): string {
  return FORMS[broadcast] ?? broadcast
}
