// What is supposed, and of which part of the past: from the fields of the form to the request.

export const KINDS = [
  { value: 'quiet', label: 'Quiet hours for everybody who has none' },
  { value: 'channel', label: 'A channel on or off by default' },
  { value: 'cap', label: 'A cap on a channel' },
  { value: 'workflow', label: 'Another version of a workflow' },
  { value: 'category', label: 'Another version of a category' },
  { value: 'json', label: 'Anything, as JSON' },
  { value: 'none', label: 'No change: is the past decided as it was?' },
]

export interface Supposed {
  kind: string
  from: string
  until: string
  channel: string
  to: string
  /** ``, or `categories/social`, `workflows/comment-added`. */
  where: string
  limit: string
  window: string
  over: string
  /** The key of the workflow or category, and its document. */
  key: string
  text: string
}

export type Change = Record<string, unknown>

/** The `change` of `POST /v1/simulations`; an Error says what is wrong with the text. */
export function changeOf(form: Supposed): Change | null {
  switch (form.kind) {
    case 'quiet':
      return { quiet_hours: [{ from: form.from, until: form.until }] }
    case 'channel':
      return { defaults: defaultsOf(form) }
    case 'cap':
      return {
        caps: { [form.channel]: { limit: Number(form.limit), window: form.window, over: form.over } },
      }
    case 'workflow':
    case 'category':
      if (!form.key) throw new Error(`Choose a ${form.kind} first.`)
      return { [form.kind === 'workflow' ? 'workflows' : 'categories']: { [form.key]: parsed(form.text) } }
    case 'json':
      return parsed(form.text)
    default:
      return null
  }
}

function defaultsOf(form: Supposed): Change {
  const [section, ...rest] = form.where.split('/')
  if (!section) return { channels: { [form.channel]: form.to } }
  return { [section]: { [rest.join('/')]: { [form.channel]: form.to } } }
}

function parsed(text: string): Change {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch (error) {
    throw new Error(`This is no JSON yet: ${error instanceof Error ? error.message : ''}`, { cause: error })
  }
  if (found === null || typeof found !== 'object' || Array.isArray(found)) {
    throw new Error('Write an object, { ... }.')
  }
  return found as Change
}

/** A name for the list when the operator gives none. */
export function nameOf(form: Supposed): string {
  switch (form.kind) {
    case 'quiet':
      return `Quiet from ${form.from} to ${form.until}`
    case 'channel':
      return `${form.channel} ${form.to} by default${form.where ? ` for ${form.where.split('/').slice(1).join('/')}` : ''}`
    case 'cap':
      return `At most ${form.limit} by ${form.channel} in ${form.window}`
    case 'workflow':
    case 'category':
      return `The ${form.kind} ${form.key}, changed`
    case 'none':
      return 'No change'
    default:
      return 'A change'
  }
}

export interface Past {
  since: string
  until: string
  workflow: string
  category: string
  type: string
  tenant: string
  users: string
}

const SPANS: Record<string, number> = { '1h': 3600, '24h': 86_400, '7d': 604_800, '30d': 2_592_000 }

/** The `slice`: spans are told from `now`. */
export function sliceOf(past: Past, now: number): Change {
  const span = SPANS[past.since]
  const since = span === undefined ? past.since : new Date(now - span * 1000).toISOString()
  const users = past.users.split(/[\s,]+/).filter(Boolean)
  const rest = Object.entries({
    until: past.until, workflow: past.workflow, category: past.category, type: past.type,
    tenant: past.tenant,
  }).filter(([, value]) => value !== '')
  return { since, ...Object.fromEntries(rest), ...(users.length > 0 ? { users } : {}) }
}
