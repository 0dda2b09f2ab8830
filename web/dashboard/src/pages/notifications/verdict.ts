// The answer to "was this person told?" in a word.
import { sentence, type Word } from '../../lib/words'

const VERDICTS: Record<string, Word> = {
  told: { text: 'Told', tone: 'good' },
  partly_told: { text: 'Partly told', tone: 'warn' },
  waiting: { text: 'Still waiting', tone: 'info' },
  not_told: { text: 'Not told', tone: 'quiet' },
  not_in_audience: { text: 'Not in the audience', tone: 'quiet' },
}

export function verdict(code: string): Word {
  return VERDICTS[code] ?? { text: sentence(code), tone: 'quiet' }
}
