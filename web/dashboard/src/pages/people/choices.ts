// Preferences as people choose them: what a document says, and what changes it.
import { at, channel, plain, sentence } from '../../lib/words'
import type { ScopeTold } from '../told'

export type Node = Record<string, unknown>

export interface QuietWindow {
  days?: string[]
  from: string
  until: string
}

/** `GET /v1/users/{id}/preferences`. */
export interface Preferences extends Node {
  channels?: Record<string, string>
  cadence?: string
  level?: string
  pause_until?: string
  mute_until?: string
  quiet_hours?: { windows?: QuietWindow[] }
  categories?: Record<string, Node>
  workflows?: Record<string, Node>
  topics?: Record<string, Node>
  actors?: Record<string, Node>
  tenants?: Record<string, Node>
}

const SECTIONS = ['categories', 'workflows', 'topics', 'actors', 'tenants'] as const
export type Section = (typeof SECTIONS)[number]

const ONE: Record<Section, string> = {
  categories: 'Category',
  workflows: 'Workflow',
  topics: 'Topic',
  actors: 'Person',
  tenants: 'Tenant',
}

export interface Choice {
  section: Section
  key: string
  /** `Topic doc:9` */
  where: string
  what: string[]
}

/** Everything that was chosen for one thing rather than for all. */
export function choices(document: Preferences): Choice[] {
  return SECTIONS.flatMap((section) =>
    Object.entries(document[section] ?? {}).map(([key, node]) => ({
      section,
      key,
      where: `${ONE[section]} ${key}`,
      what: words(node),
    })),
  )
}

/** What one scope says, in a few words each. */
export function words(node: Node): string[] {
  const found: string[] = []
  for (const [name, value] of Object.entries(node)) {
    if (value === null || value === undefined) continue
    if (name === 'channels') {
      for (const [way, state] of Object.entries(value as Node)) found.push(`${channel(way)} ${state}`)
    } else if (name === 'level') found.push(`hears ${plain(String(value))}`)
    else if (name === 'mute_until') found.push(until('muted', String(value)))
    else if (name === 'pause_until') found.push(until('paused', String(value)))
    else if (name === 'suppress') found.push(`ignores mentions of ${(value as string[]).join(' and ')}`)
    else if (name === 'cadence') found.push(`digests ${String(value)}`)
    else if (name === 'quiet_hours') {
      const list = (value as { windows?: QuietWindow[] }).windows ?? []
      found.push(list.length > 0 ? `quiet ${list.map(window).join(', ')}` : 'no quiet hours')
    } else found.push(`${channel(name)} ${String(value)}`)
  }
  return found
}

export function until(word: string, instant: string): string {
  return instant === 'forever' ? `${word} for good` : `${word} until ${at(instant)}`
}

/** `22:00 to 07:00 on mon, tue` */
export function window(one: QuietWindow): string {
  const days = one.days?.length ? ` on ${one.days.join(', ')}` : ' every day'
  return `${one.from} to ${one.until}${days}`
}

/** The patch that removes a choice. */
export function without(section: Section, key: string): Node {
  return { [section]: { [key]: null } }
}

export type Switch = 'on' | 'off' | 'inherit'

/** The patch that switches a channel: everywhere, in a category or of a workflow. */
export function switched(scope: 'user' | 'categories' | 'workflows', key: string, way: string, to: Switch): Node {
  const value = to === 'inherit' ? null : to
  return scope === 'user' ? { channels: { [way]: value } } : { [scope]: { [key]: { [way]: value } } }
}

const KINDS: Record<string, string> = {
  user: 'their own choice for everything',
  user_in_tenant: 'their own choice in the tenant',
  topic: 'their own choice for the topic',
  workflow: 'their own choice for the workflow',
  category: 'their own choice for the category',
  actor: 'their own choice about the person',
  topic_default: 'a default of the topic',
  workflow_default: 'a default of the workflow',
  category_default: 'a default of the category',
  tenant: 'a default of the tenant',
  environment: 'a default for everybody',
}

/** Which layer decided, in words. */
export function layer(scope: ScopeTold | null | undefined): string {
  if (!scope) return 'nothing chosen stands against it'
  return `${KINDS[scope.kind] ?? plain(scope.kind)}${scope.id ? ` ${scope.id}` : ''}`
}

/** A history entry's scope: `Topic doc:9`, `Everything`. */
export function place(scope: ScopeTold): string {
  if (scope.kind === 'user') return 'Everything'
  if (scope.kind === 'user_in_tenant') return `Tenant ${scope.id ?? ''}`
  return `${sentence(scope.kind)} ${scope.id ?? ''}`
}

/** Where or by whom a choice was made: `by themselves on the preference page`, `by the key clk_…`. */
export function whose(source: string | null): string {
  if (source === null) return 'by the API, before keys were noted'
  if (source.startsWith('key ')) return `by the ${source}: an application or somebody at this dashboard`
  return source === 'preference page' || source === 'unsubscribe link'
    ? `by themselves, ${source === 'preference page' ? 'on the preference page' : 'by the link to unsubscribe'}`
    : `by ${source}`
}
