// How an account is, and what somebody should do about it who has never seen it before.
import { explained } from '../../lib/causes'
import type { Tone } from '../../lib/words'
import type { Provider } from '../overview/problems'

export const CAPTURE = 'capture'

export interface Advice {
  tone: Tone
  text: string
}

export function adviceFor(provider: Provider): Advice {
  if (provider.account === CAPTURE) {
    return {
      tone: 'good',
      text: 'Keeps messages in the store and shows them; sends nothing. It stands in for every channel without an account.',
    }
  }
  switch (provider.breaker) {
    case 'open':
    case 'probing': {
      const why = provider.cause ? explained(provider.cause) : null
      const wait =
        'Messages for it wait or take another account of the channel; none is lost, and it is tried again by itself.'
      return why?.ours
        ? { tone: 'bad', text: `It is not asked any more, and will not come back by itself. ${why.mend}` }
        : { tone: 'bad', text: `It is not asked for now. ${wait} Look at the provider’s own status page.` }
    }
    case 'ramping':
      return {
        tone: 'info',
        text: 'It answers again. Its share grows step by step, so that a provider that just came back is not run over. Nothing to do.',
      }
  }
  if (provider.paused_until) {
    return {
      tone: 'warn',
      text: 'The provider asked for a pause. If this comes back, set a rate_per_second for the account that is within what you were granted.',
    }
  }
  if (provider.in_flight_limit < provider.in_flight_ceiling) {
    return {
      tone: 'warn',
      text: 'It takes messages, but throttled or slow, so fewer are under way at once. The limit grows back with its answers.',
    }
  }
  return { tone: 'good', text: 'It takes messages.' }
}
