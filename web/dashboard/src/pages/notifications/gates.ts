// The gates of a decision: what each asks, which one stopped it, and whose choice that was.
import { href, part } from '../../lib/match'
import type { Answered, GateLine, StepEntry } from '../told'

const QUESTIONS: Record<string, string> = {
  expired: 'Is it still in time?',
  cancelled: 'Does the event still stand?',
  paused: 'Is the workflow running?',
  rollout: 'Is the workflow switched on?',
  exists: 'Is the person known?',
  duplicate: 'Is it told for the first time?',
  mandatory: 'May preferences say no?',
  actor: 'Did somebody else cause it?',
  muted_actor: 'Is whoever caused it not muted?',
  mute: 'Is nothing here muted?',
  level: 'Do they want to hear this much?',
  silent: 'May it ring?',
  when: 'Is the condition of the step met?',
  suppressed: 'May the address be used?',
  opted_out: 'Did they not opt out?',
  consent: 'Is there consent, where it is needed?',
  channel: 'Is the channel on?',
  destination: 'Is there somewhere to send it?',
  large: 'Is the audience small enough for a push?',
  window: 'Is it within the hours of the step?',
  legal_hours: 'Is it within the legal hours?',
  presence: 'Are they away from the desktop?',
  pause: 'Are notifications not paused?',
  quiet: 'Is it outside quiet hours?',
  cap: 'Is there room under the caps?',
  delay: 'Has the delay passed?',
  until: 'Has the instant come?',
  digest: 'Is it told alone?',
  content: 'Could the words be rendered?',
  undecidable: 'Could it be decided?',
  end: 'Every gate was passed',
}

/** What a gate asks, so that `yes` lets it through. */
export function question(gate: string): string {
  return QUESTIONS[gate] ?? gate.replaceAll('_', ' ')
}

/** The line of the trace on which it ended; null where every gate was passed. */
export function stoppedAt(answer: Answered): GateLine | null {
  if (answer.result === 'send') return null
  const lines = answer.trace.filter((line) => line.gate === answer.gate && line.verdict !== 'pass')
  return lines.at(-1) ?? answer.trace.findLast((line) => line.verdict !== 'pass') ?? null
}

export interface Owner {
  /** Whose choice it was, in words. */
  text: string
  /** Where it can be looked at and changed. */
  link?: { href: string; label: string }
}

const OWN = new Set(['user', 'user_in_tenant', 'topic', 'workflow', 'category', 'actor'])

/** Whose setting let it end there; null where nothing stood against it. */
export function ownerOf(answer: Answered, workflow: string, user: string | null): Owner | null {
  const line = stoppedAt(answer)
  if (line === null) return null
  const kind = line.scope ?? ''
  const about = answer.scope && answer.scope !== kind ? ` for ${answer.scope}` : ''
  if (OWN.has(kind)) {
    return linked(`${user ?? 'The person'}’s own setting${about}`, user, 'preferences', 'Look at the setting')
  }
  if (kind === 'tenant') return { text: `A default of the tenant${about}` }
  if (kind === 'environment') return { text: `A default for everybody${about}` }
  if (kind.endsWith('_default')) {
    return { text: `A default that an operator set${about || ` for the ${kind.replace('_default', '')}`}` }
  }
  return ofGate(line.gate, workflow, user, answer.cap?.scope ?? '')
}

function ofGate(gate: string, workflow: string, user: string | null, scope: string): Owner {
  const flow: Owner = {
    text: `The workflow ${workflow} says so`,
    link: { href: href(`/workflows/${part(workflow)}`), label: 'Look at the workflow' },
  }
  switch (gate) {
    case 'expired':
    case 'cancelled':
    case 'silent':
      return { text: 'Whoever sent the event' }
    case 'exists':
      return { text: 'Nobody: there is no such person here' }
    case 'actor':
      return { text: 'They caused it themselves' }
    case 'suppressed':
      return linked('The suppression list', user, 'consents', 'Look at their suppressions')
    case 'opted_out':
    case 'consent':
      return linked('What they agreed to', user, 'consents', 'Look at their consents')
    case 'destination':
      return linked('Nobody’s choice: they had no address or device for it that works', user, 'profile', 'Look at their addresses and devices')
    case 'legal_hours':
      return { text: 'The law' }
    case 'presence':
      return { text: 'They were active at a desktop' }
    case 'cap':
      return capOwner(scope, flow)
    case 'undecidable':
      return { text: 'Nobody’s choice: deciding failed in this server' }
    case 'pause':
    case 'quiet':
    case 'mute':
    case 'muted_actor':
    case 'level':
    case 'channel':
      return linked('A setting', user, 'preferences', 'Look at their preferences')
    default:
      return flow
  }
}

function capOwner(scope: string, flow: Owner): Owner {
  if (scope === 'step' || scope === 'workflow') return { ...flow, text: 'A cap of the workflow' }
  if (scope === 'category') {
    return { text: 'A cap of its category', link: { href: href('/workflows'), label: 'Look at the categories' } }
  }
  if (scope === 'tenant') return { text: 'A cap that an operator set for the tenant' }
  if (scope === 'environment') return { text: 'A cap that an operator set for everybody' }
  return { text: 'A cap that an operator set' }
}

function linked(text: string, user: string | null, tab: string, label: string): Owner {
  if (user === null) return { text }
  return { text, link: { href: href(`/people/${part(user)}`, { tab }), label } }
}

/** The steps in the order of the workflow, those that send before those that wait. */
export function ordered(entries: StepEntry[]): StepEntry[] {
  return [...entries].sort((one, other) => one.step - other.step)
}
