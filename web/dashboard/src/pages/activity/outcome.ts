// What became of a notification, short enough for a row.
import { channel, plural, reason, sentence, type Tone } from '../../lib/words'
import type { ChannelTold, Summary } from '../told'

export interface Chip {
  label: string
  tone: Tone
  title: string
}

const TONES: Record<string, Tone> = {
  sent: 'good', partly_sent: 'warn', silent: 'info', on_its_way: 'info', waiting: 'warn',
  gathered: 'info', given_up: 'bad', not_known: 'warn', not_sent: 'quiet',
}
const ARRIVED = new Set(['sent', 'delivered'])

/** One chip a channel, in the colour of what became of it. */
export function chips(row: Summary): Chip[] {
  return row.channels.map((one) => ({
    label: channel(one.channel),
    tone: TONES[one.became] ?? 'quiet',
    title: told(one),
  }))
}

/** Why what did not reach them did not; empty where all did. */
export function because(row: Summary): string {
  const whole = row.steps.find((step) => step.channel === null && step.result === 'skip')
  if (whole !== undefined) return sentence(reason(whole.reason))
  const rest = row.channels.filter((one) => one.became !== 'sent')
  const first = rest[0]
  const alike = rest.length > 1 && rest.every((one) => one.became === 'not_sent' && one.reason === first?.reason)
  if (first !== undefined && alike) return sentence(reason(first.reason))
  return rest.map(told).join('; ')
}

function told(one: ChannelTold): string {
  const name = channel(one.channel)
  const cause = one.cause ? `: ${one.cause}` : ''
  switch (one.became) {
    case 'sent':
      return one.channel === 'inbox' ? 'In the inbox' : `${name}: the provider took it`
    case 'partly_sent':
      return `${name} ${reached(one)}${cause}`
    case 'silent':
      return 'In the inbox, silently'
    case 'on_its_way':
      return `${name} is on its way`
    case 'waiting':
      return `${name} waits, ${reason(one.reason)}`
    case 'gathered':
      return `${name}: it is gathered in a digest`
    case 'given_up':
      return `${name} given up${cause}`
    case 'not_known':
      return `${name} may or may not have arrived`
    default:
      return `No ${name === 'SMS' ? name : name.toLowerCase()}, ${reason(one.reason)}`
  }
}

function reached(one: ChannelTold): string {
  const all = Object.values(one.deliveries).reduce((sum, number) => sum + number, 0)
  if (all === 0) return 'told in part'
  const arrived = Object.entries(one.deliveries).filter(([status]) => ARRIVED.has(status))
  return `to ${arrived.reduce((sum, [, number]) => sum + number, 0)} of ${plural(all, 'device')} only`
}
