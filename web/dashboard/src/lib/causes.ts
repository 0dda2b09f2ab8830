// What dead letters died of, in words, and what mends it.

export interface Cause {
  /** "The provider had a passing problem" */
  title: string
  /** What happened, and whether sending again helps. */
  text: string
  mend: string
  /** Is something wrong on our side that more will die of? */
  ours: boolean
}

const KINDS: Record<string, Cause> = {
  retry: {
    title: 'The provider was in trouble until the tries were used up',
    text: 'It answered with an error that usually passes.',
    mend: 'Redrive once the provider is well again.',
    ours: false,
  },
  retry_after: {
    title: 'The provider asked to slow down until the tries were used up',
    text: 'More was sent than the account may.',
    mend: 'Lower the account’s rate in the settings, then redrive slowly.',
    ours: true,
  },
  permanent: {
    title: 'The provider refuses this message',
    text: 'It said that it will never take it as it is.',
    mend: 'Look at what it said about an example, change the template or the data, then send anew.',
    ours: true,
  },
  destination_invalid: {
    title: 'The address or device is gone',
    text: 'It was switched off, so nothing more goes there until your application confirms it again.',
    mend: 'Nothing to do here: people come back with a new device or address.',
    ours: false,
  },
  opted_out: {
    title: 'The recipient does not want it',
    text: 'They opted out at the provider.',
    mend: 'Nothing to do: sending again would be refused.',
    ours: false,
  },
  credential: {
    title: 'The provider does not accept our credentials',
    text: 'The key, password or certificate of the account is wrong, expired or withdrawn.',
    mend: 'Put a valid one into the settings and restart, then redrive.',
    ours: true,
  },
  config: {
    title: 'The provider does not accept our sender or address',
    text: 'A sender, domain or endpoint of the account is not set up there, or is not allowed.',
    mend: 'Set it up at the provider or mend the settings, then redrive.',
    ours: true,
  },
  ambiguous: {
    title: 'Nobody knows whether it arrived',
    text: 'It left, but no answer came, and it must not be sent twice.',
    mend: 'Redrive only what may arrive twice.',
    ours: false,
  },
  quarantined: {
    title: 'It was being sent twice when the process died',
    text: 'It may be what took the process down, so it is kept apart.',
    mend: 'Look at the example and at the log before you redrive it.',
    ours: true,
  },
  undecidable: {
    title: 'Deciding about the recipient failed',
    text: 'A fault in Clarion or in what is stored about them: nothing was tried.',
    mend: 'The log names the fault. Redrive after it is mended.',
    ours: true,
  },
  put_aside: {
    title: 'A part of an audience failed again and again',
    text: 'Those behind it were not decided.',
    mend: 'Redrive goes on behind the last one who was decided.',
    ours: true,
  },
}

const CODES: Record<string, Partial<Cause>> = {
  'permanent:render_failed': {
    title: 'The template could not be rendered',
    text: 'It asks for something that the event’s data does not have.',
    mend: 'Mend the template or the data, then redrive.',
    ours: true,
  },
  'ambiguous:worker_died': { text: 'The process died while it was being sent, or could not reach the store until its lease was over.' },
  'ambiguous:broken_off': { text: 'The server was stopped while it was being sent.' },
}

/** `retry:503` in words. A kind that nobody knows yet is told as it is. */
export function explained(cause: string): Cause {
  const kind = cause.split(':', 1)[0] ?? cause
  const known = KINDS[kind] ?? {
    title: cause,
    text: 'This dashboard has no words for this cause yet.',
    mend: 'Look at what the provider said about an example.',
    ours: false,
  }
  return { ...known, ...CODES[cause] }
}

const NOW: Record<string, string> = {
  retry: 'It answers with errors that usually pass',
  retry_after: 'It asks to slow down',
  ambiguous: 'It takes messages and does not answer',
}

/** `retry:503` in words, of an account that has it now: nobody gave anything up. */
export function standing(cause: string): string {
  return NOW[cause.split(':', 1)[0] ?? cause] ?? explained(cause).title
}

/** What the provider called it: `503` of `retry:503`. */
export function codeOf(cause: string): string {
  const at = cause.indexOf(':')
  return at < 0 ? '' : cause.slice(at + 1)
}
