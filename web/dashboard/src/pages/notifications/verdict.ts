// The answer to "was this person told?" in a word.
import { sentence, type Word } from '../../lib/words'

/** `short` is for rows. */
export interface Verdict extends Word {
  short?: string
}

const VERDICTS: Record<string, Verdict> = {
  told: { text: 'Told', tone: 'good' },
  partly_told: { text: 'Partly told', tone: 'warn' },
  waiting: { text: 'Still waiting', tone: 'info', short: 'Waiting' },
  silent: { text: 'In the inbox, silently', tone: 'info', short: 'Silently' },
  not_known: { text: 'Not known: it may or may not have arrived', tone: 'warn', short: 'Not known' },
  not_told: { text: 'Not told', tone: 'quiet' },
  not_in_audience: { text: 'Not in the audience', tone: 'quiet' },
}

export function verdict(code: string): Verdict {
  return VERDICTS[code] ?? { text: sentence(code), tone: 'quiet' }
}
