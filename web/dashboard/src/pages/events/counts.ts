// The buckets of an event as parts of a bar.
import { count, type Tone } from '../../lib/words'
import type { Counts } from '../told'

export interface Part {
  id: keyof Counts
  label: string
  value: number
  tone: Tone
  /** What the number means. */
  about: string
}

const BUCKETS: Omit<Part, 'value'>[] = [
  { id: 'sent', label: 'Sent', tone: 'good', about: 'a provider took it, or it is in the inbox, perhaps silently' },
  { id: 'open', label: 'On its way', tone: 'info', about: 'a message is still to be sent' },
  { id: 'held', label: 'Held', tone: 'warn', about: 'waits for a time or a digest' },
  { id: 'dead', label: 'Not delivered', tone: 'bad', about: 'every message was given up, or may not have arrived' },
  { id: 'skipped', label: 'Skipped', tone: 'quiet', about: 'nothing was to be sent' },
  { id: 'undecided', label: 'Undecided', tone: 'quiet', about: 'decided when they look into the inbox' },
]

export function parts(counts: Counts): Part[] {
  return BUCKETS.map((bucket) => ({ ...bucket, value: counts[bucket.id] }))
}

/** Whether everybody is in exactly one bucket, in a sentence. */
export function balance(counts: Counts, balanced: boolean): string {
  const sum = parts(counts).reduce((all, one) => all + one.value, 0)
  if (sum !== counts.recipients) {
    return `The parts come to ${count(sum)} of ${count(counts.recipients)} recipients: the counts are behind, or wrong.`
  }
  if (balanced) return `It adds up: each of the ${count(counts.recipients)} recipients is in exactly one part.`
  return `Each of the ${count(counts.recipients)} recipients so far is in exactly one part; work is still going on.`
}
