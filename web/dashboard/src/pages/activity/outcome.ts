// What became of a notification, short enough for a row.
import { channel, reason, sentence, type Tone } from '../../lib/words'
import type { StepTold, Summary } from '../told'

export interface Chip {
  label: string
  tone: Tone
  title: string
}

const TONES: Record<string, Tone> = { send: 'good', hold: 'warn', digest: 'info', skip: 'quiet' }
const SAID: Record<string, string> = {
  send: 'was to be sent',
  hold: 'waits',
  digest: 'is gathered in a digest',
  skip: 'was not sent',
}

/** One chip a channel that was decided. */
export function chips(row: Summary): Chip[] {
  return row.steps
    .filter((step) => step.channel !== null)
    .map((step) => ({
      label: channel(step.channel ?? ''),
      tone: TONES[step.result] ?? 'quiet',
      title: `${channel(step.channel ?? '')} ${SAID[step.result] ?? step.result}: ${reason(step.reason)}`,
    }))
}

/** Why what was not sent was not sent; empty where all was. */
export function because(row: Summary): string {
  const stopped = row.steps.filter((step) => step.result !== 'send')
  const whole = stopped.find((step) => step.channel === null)
  if (whole !== undefined) return sentence(reason(whole.reason))
  return stopped.map(stop).join('; ')
}

function stop(step: StepTold): string {
  const name = channel(step.channel ?? '')
  if (step.result === 'hold') return `${name} waits, ${reason(step.reason)}`
  if (step.result === 'digest') return `${name}: ${reason(step.reason)}`
  return `No ${name === 'SMS' ? name : name.toLowerCase()}, ${reason(step.reason)}`
}
