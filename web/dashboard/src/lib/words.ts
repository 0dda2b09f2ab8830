// Numbers, times and codes as people read them.

const LOCALE = 'en'

const whole = new Intl.NumberFormat(LOCALE)
const short = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumFractionDigits: 1 })
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto', style: 'short' })
const day = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' })
const second = new Intl.DateTimeFormat(LOCALE, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
})
const precise = new Intl.DateTimeFormat(LOCALE, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
  timeZoneName: 'short',
})
const clock = new Intl.DateTimeFormat(LOCALE, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

/** 1,234,567 */
export function count(number: number): string {
  return whole.format(number)
}

/** 1.2M */
export function compact(number: number): string {
  return Math.abs(number) < 10_000 ? whole.format(Math.round(number * 10) / 10) : short.format(number)
}

/** `3 lanes`, `1 lane`; `many` where an s does not do. */
export function plural(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`
}

/** 0.25 -> `250 ms`, 95 -> `1 min 35 s`, 7260 -> `2 h 1 min`. */
export function duration(seconds: number): string {
  if (seconds < 0.001) return '0 s'
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 9.95) return `${Math.round(seconds * 10) / 10} s`
  const total = Math.round(seconds)
  if (total < 60) return `${total} s`
  if (total < 3600) return joined(Math.floor(total / 60), 'min', total % 60, 's')
  const minutes = Math.round(total / 60)
  if (minutes < 1440) return joined(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
  const hours = Math.round(total / 3600)
  return joined(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

/** `12.5 / s`, `3 / min` where it is less than one a second. */
export function rate(perSecond: number): string {
  if (perSecond === 0) return '0 / s'
  if (perSecond < 0.095) return `${compact(perSecond * 60)} / min`
  return `${compact(perSecond)} / s`
}

/** `5 min ago`, `in 2 days`; `now` in milliseconds. */
export function ago(instant: string | number, now = Date.now()): string {
  const seconds = (moment(instant) - now) / 1000
  const size = Math.abs(seconds)
  if (size < 1.5) return 'now'
  if (size < 60) return from(seconds, 'second')
  if (size < 3600) return from(seconds / 60, 'minute')
  if (size < 86_400) return from(seconds / 3600, 'hour')
  if (size < 30 * 86_400) return from(seconds / 86_400, 'day')
  return day.format(moment(instant))
}

/** Without the dot of `min.`: sentences end with one of their own. */
function from(count: number, unit: Intl.RelativeTimeFormatUnit): string {
  return relative.format(Math.round(count), unit).replace('.', '')
}

/** To the millisecond, with the zone: for titles. */
export function exact(instant: string | number): string {
  return precise.format(moment(instant))
}

/** Day and minute. */
export function at(instant: string | number): string {
  return day.format(moment(instant))
}

/** `Nov 22, 2026, 14:03:09 GMT+1`: for stories, where the day and the zone matter. */
export function stamp(instant: string | number): string {
  return second.format(moment(instant))
}

/** `03:10, Nov 21` on the clock of somebody in the zone; nothing where the browser does not know it. */
export function localTo(instant: string | number, zone: string): string {
  try {
    const parts = { timeZone: zone, hourCycle: 'h23' } as const
    const hour = new Intl.DateTimeFormat(LOCALE, { ...parts, hour: '2-digit', minute: '2-digit' })
    const date = new Intl.DateTimeFormat(LOCALE, { ...parts, month: 'short', day: 'numeric' })
    return `${hour.format(moment(instant))}, ${date.format(moment(instant))}`
  } catch {
    return ''
  }
}

/** 14:03:09 */
export function time(instant: string | number): string {
  return clock.format(moment(instant))
}

/** 0.734 -> `73.4 %` of a share between 0 and 1. */
export function percent(share: number, digits = 0): string {
  return `${(share * 100).toFixed(digits)} %`
}

/** 2048 -> `2.0 kB` */
export function bytes(number: number): string {
  if (number < 1000) return `${number} B`
  if (number < 1_000_000) return `${(number / 1000).toFixed(1)} kB`
  return `${(number / 1_000_000).toFixed(1)} MB`
}

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'quiet'

export interface Word {
  text: string
  tone: Tone
}

const STATUSES: Record<string, Word> = {
  // Of deliveries.
  ready: { text: 'Ready', tone: 'info' },
  sending: { text: 'Sending', tone: 'info' },
  sent: { text: 'Sent', tone: 'good' },
  delivered: { text: 'Delivered', tone: 'good' },
  bounced: { text: 'Bounced', tone: 'bad' },
  failed: { text: 'Failed', tone: 'bad' },
  dead: { text: 'Dead letter', tone: 'bad' },
  canceled: { text: 'Canceled', tone: 'quiet' },
  expired: { text: 'Expired', tone: 'quiet' },
  unknown: { text: 'Unknown', tone: 'warn' },
  // Of notifications and steps.
  open: { text: 'On its way', tone: 'info' },
  held: { text: 'Held', tone: 'warn' },
  skipped: { text: 'Skipped', tone: 'quiet' },
  skip: { text: 'Skipped', tone: 'quiet' },
  send: { text: 'Send', tone: 'good' },
  hold: { text: 'Held', tone: 'warn' },
  digest: { text: 'In a digest', tone: 'info' },
  undecided: { text: 'Undecided', tone: 'quiet' },
  // Of events.
  accepted: { text: 'Accepted', tone: 'info' },
  expanding: { text: 'Fanning out', tone: 'info' },
  complete: { text: 'Complete', tone: 'good' },
  // Of blasts.
  preparing: { text: 'Preparing', tone: 'info' },
  armed: { text: 'Armed', tone: 'warn' },
  refused: { text: 'Refused', tone: 'bad' },
  fired: { text: 'Fired', tone: 'info' },
  paused: { text: 'Paused', tone: 'warn' },
  // Of breakers.
  closed: { text: 'Working', tone: 'good' },
  probing: { text: 'Probing', tone: 'warn' },
  ramping: { text: 'Coming back', tone: 'info' },
  stopped: { text: 'Not asked', tone: 'bad' },
  // Of redrives and keys.
  running: { text: 'Running', tone: 'info' },
  finished: { text: 'Finished', tone: 'good' },
  valid: { text: 'Valid', tone: 'good' },
  revoked: { text: 'Revoked', tone: 'quiet' },
}

/** A status as a word and its tone; one that nobody knows yet is shown as it is. */
export function status(code: string): Word {
  return STATUSES[code] ?? { text: sentence(code), tone: 'quiet' }
}

const HINTS: Record<string, string> = {
  sent: 'Taken by the provider, or put into the inbox. Whether it arrived is another question.',
  delivered: 'The provider says that it arrived',
  dead: 'Given up. It stands among the dead letters, from where it can be sent again.',
  bounced: 'The provider says that it could not be delivered',
  unknown: 'It left, and no answer came: it may or may not have arrived',
  held: 'It waits for an instant: the end of quiet hours, a delay, a digest',
  open: 'Decided, and not yet taken by a provider',
  skipped: 'Nothing was sent: a rule or a choice stood against it',
  skip: 'Nothing was sent: a rule or a choice stood against it',
  undecided: 'It is decided when they look at their inbox',
  expired: 'It would have come too late to be of use',
}

/** What a status means, for those who do not know the word; nothing where the word says it. */
export function hint(code: string): string {
  return HINTS[code] ?? ''
}

const REASONS: Record<string, string> = {
  level_all: 'follows everything here',
  thread_level_all: 'follows this thread',
  mention: 'was mentioned',
  mandatory: 'its category is always told',
  no_preferences: 'the destination is nobody’s, so no preferences apply',
  expired: 'it came too late to be of use',
  cancelled: 'the event was canceled',
  workflow_paused: 'an operator paused the workflow',
  rollout_off: 'the workflow is switched off',
  rollout_shadow: 'the workflow only decides, it sends nothing yet',
  unknown_user: 'there is no such user',
  erased_user: 'the user was erased',
  duplicate: 'the same was told before',
  own_event: 'they did it themselves',
  actor_muted: 'they muted whoever did it',
  muted: 'they muted this',
  thread_muted: 'they muted the thread',
  level_none: 'they switched these notifications off',
  no_mention: 'they want mentions only, and this is none',
  mention_suppressed: 'they suppressed such mentions here',
  not_in_thread: 'they take no part in the thread',
  silent: 'the event is silent',
  when_false: 'the condition of the step is not met',
  channel_off: 'they switched this channel off',
  no_destination: 'they have no address or device on this channel that works',
  suppressed: 'the address is on the suppression list',
  opted_out: 'they opted out',
  no_consent: 'they did not agree to get it',
  large_audience: 'the audience is too large to push to everybody',
  outside_window: 'it is outside the times of the workflow',
  legal_hours: 'the law forbids it at this hour',
  active_on_desktop: 'they are active at a desktop',
  seen: 'they have seen it in the inbox',
  paused: 'they paused notifications',
  quiet_hours: 'it is their quiet hours',
  quiet_ignored: 'its category is told in quiet hours, too',
  expires_while_held: 'it would be too late after the wait',
  capped: 'they had as many as their cap allows',
  delayed: 'the workflow waits first',
  waits_until: 'the workflow waits for an instant',
  no_instant: 'the instant to wait for is missing',
  digested: 'it is gathered in a digest',
  leads_digest: 'it goes at once; those after it are gathered',
  instant: 'they want it at once',
  render_failed: 'the words could not be rendered',
  undecidable: 'deciding it failed',
}

/** Every reason there are words for. */
export const REASON_CODES = Object.keys(REASONS)

/** A text of the server's as a sentence of its own. */
export function stopped(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** A reason code in words that follow "because". */
export function reason(code: string): string {
  return REASONS[code] ?? plain(code)
}

/** `put_aside` -> `put aside` */
export function plain(code: string): string {
  return code.replaceAll('_', ' ')
}

/** `put_aside` -> `Put aside` */
export function sentence(code: string): string {
  const text = plain(code)
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const CHANNELS: Record<string, string> = {
  inbox: 'Inbox',
  push: 'Push',
  email: 'Email',
  sms: 'SMS',
  chat: 'Chat',
  webhook: 'Webhook',
}

export function channel(code: string): string {
  return CHANNELS[code] ?? sentence(code)
}

/** The address if a link may lead there: http and https only, without a name before the host. */
export function safeUrl(text: string | null | undefined): string | null {
  if (!text) return null
  try {
    const url = new URL(text, location.origin)
    const isWeb = url.protocol === 'http:' || url.protocol === 'https:'
    return isWeb && !url.username && !url.password ? text : null
  } catch {
    return null
  }
}

function joined(large: number, one: string, small: number, other: string): string {
  return small === 0 ? `${large} ${one}` : `${large} ${one} ${small} ${other}`
}

function moment(instant: string | number): number {
  return typeof instant === 'number' ? instant : Date.parse(instant)
}
