import { expect, test } from 'vitest'
import type { Lane } from '../../lib/watched'
import { remembered, triesOf, troublesOf, type CauseGroup, type Provider } from './problems'

const now = Date.parse('2026-03-01T12:00:00Z')

function lane(name: string, more: Partial<Lane> = {}): Lane {
  return {
    lane: name,
    waited_half_seconds: null,
    waited_most_seconds: null,
    depth: 0,
    ready: 0,
    sending: 0,
    tasks: 0,
    held: 0,
    held_overdue_seconds: 0,
    oldest_age_seconds: 0,
    rate_per_second: 0,
    yielding: false,
    headway: 1,
    ...more,
  }
}

function provider(account: string, more: Partial<Provider> = {}): Provider {
  return {
    account,
    kind: 'fcm',
    channels: ['push'],
    order: 100,
    breaker: 'closed',
    since: null,
    cause: null,
    ramp_percent: 100,
    next_probe_at: null,
    paused_until: null,
    in_flight: 0,
    in_flight_limit: 64,
    in_flight_ceiling: 64,
    rate_per_second: null,
    burst: null,
    processes: 1,
    outcomes: {},
    last_error: null,
    last_errors: [],
    ...more,
  }
}

function group(cause: string, more: Partial<CauseGroup> = {}): CauseGroup {
  return {
    cause,
    channel: 'push',
    account: 'fcm-main',
    count: 3,
    redriven: 0,
    first_at: '2026-03-01T11:30:00Z',
    last_at: '2026-03-01T11:59:00Z',
    ...more,
  }
}

test('a house in order has no trouble', () => {
  const lanes = ['critical', 'transactional', 'social', 'bulk'].map((name) =>
    lane(name, { depth: 50, oldest_age_seconds: 1 }),
  )
  expect(troublesOf({ lanes, providers: [provider('fcm-main')], causes: [], tasks: 0, now })).toEqual(
    [],
  )
})

test('what nobody has answered yet is no trouble', () => {
  expect(troublesOf({ now })).toEqual([])
})

test('each lane has a patience of its own', () => {
  const waits = { oldest_age_seconds: 20, depth: 7 }
  const [only, ...others] = troublesOf({ lanes: [lane('critical', waits), lane('bulk', waits)], now })
  expect(others).toEqual([])
  expect(only).toMatchObject({ id: 'age-critical', severity: 'warn', href: '#/lanes?lane=critical' })
  expect(only?.text).toContain('20 s')
  const [late] = troublesOf({ lanes: [lane('critical', { oldest_age_seconds: 26 })], now })
  expect(late?.severity).toBe('bad')
})

test('a lane that is behind while an account stands still leads to the account', () => {
  const troubles = troublesOf({
    lanes: [lane('critical', { oldest_age_seconds: 60 })],
    providers: [provider('fcm-main', { breaker: 'open', cause: 'retry:503' })],
    now,
  })
  expect(troubles.find(({ id }) => id === 'age-critical')?.href).toBe('#/providers')
})

test('an account that refuses our key says how it is mended', () => {
  const [trouble] = troublesOf({
    providers: [
      provider('fcm-main', {
        breaker: 'open',
        cause: 'credential:UNAUTHENTICATED',
        since: '2026-03-01T11:55:00Z',
        next_probe_at: '2026-03-01T12:00:30Z',
      }),
    ],
    now,
  })
  expect(trouble).toMatchObject({
    severity: 'bad',
    title: 'fcm-main takes no messages',
    href: '#/providers?account=fcm-main',
  })
  expect(trouble?.text).toContain('credential:UNAUTHENTICATED')
  expect(trouble?.text).toContain('It is tried again in 30 sec. What')
  expect(trouble?.mend).toContain('settings')
})

test('a pause counts until it is over', () => {
  const asked = (paused_until: string) =>
    troublesOf({ providers: [provider('mail', { paused_until })], now })
  expect(asked('2026-03-01T12:00:10Z').map(({ severity }) => severity)).toEqual(['warn'])
  expect(asked('2026-03-01T11:59:50Z')).toEqual([])
})

test('dead letters lead to those of their cause, and what is on its way again is left out', () => {
  const troubles = troublesOf({
    causes: [
      group('retry:503', { count: 5, redriven: 2 }),
      group('credential:bad', { account: 'mail' }),
      group('opted_out:21610'),
      group('retry:502', { count: 4, redriven: 4 }),
      group('destination_invalid:404'),
    ],
    now,
  })
  expect(troubles.map(({ severity, title }) => `${severity} ${title}`)).toEqual([
    'bad 3 dead letters in the last hour at mail',
    'warn 3 dead letters in the last hour at fcm-main',
    'info 3 dead letters in the last hour at fcm-main',
  ])
  expect(troubles[1]?.href).toBe('#/dead-letters?cause=retry%3A503&account=fcm-main')
})

test('one cause on two channels of an account is two lines of their own', () => {
  const troubles = troublesOf({
    causes: [group('retry:503'), group('retry:503', { channel: 'sms' })],
    now,
  })
  expect(new Set(troubles.map(({ id }) => id)).size).toBe(2)
})

test('the worst comes first', () => {
  const troubles = troublesOf({
    lanes: [lane('bulk', { depth: 12, yielding: true, headway: 0.4 })],
    providers: [provider('mail', { breaker: 'ramping', ramp_percent: 10 })],
    blasts: [{ id: 'blt_1', name: 'sale', state: 'paused', paused_by: 'ana' }],
    tasks: 1,
    unready: 'The disk is full.',
    processes: [{ process: 2, state: 'waiting', restarts: 3, lanes: ['bulk'] }],
    now,
  })
  expect(troubles.map(({ severity }) => severity)).toEqual([
    'bad', 'bad', 'bad', 'warn', 'info', 'info',
  ])
  expect(troubles[0]?.text).toContain('The disk is full.')
  expect(troubles.find(({ id }) => id === 'yield-bulk')?.text).toContain('40 %')
})

test('a lane without work is not told as slowed down', () => {
  const seen = { lanes: [lane('bulk', { yielding: true, headway: 0.75 })], now }
  expect(troublesOf(seen)).toEqual([])
})

test('what somebody has now is not told as what was given up', () => {
  const [trouble] = troublesOf({
    providers: [provider('hooks', { breaker: 'open', cause: 'retry:500' })],
    now,
  })
  expect(trouble?.text).toContain('It answers with errors that usually pass (retry:500).')
  expect(trouble?.text).not.toContain('used up')
})

test('one account stands still, two stand still', () => {
  const out = (...accounts: string[]) =>
    troublesOf({
      lanes: [lane('critical', { oldest_age_seconds: 60 })],
      providers: accounts.map((account) => provider(account, { breaker: 'open' })),
      now,
    }).find(({ id }) => id === 'age-critical')?.mend
  expect(out('a')).toBe('1 account stands still: begin there')
  expect(out('a', 'b')).toBe('2 accounts stand still: begin there')
})

test('why the server is not ready ends with one stop', () => {
  const [trouble] = troublesOf({ unready: 'the store cannot be written; send it again later', now })
  expect(trouble?.text).toContain('send it again later. Events are refused')
})

test('a bus that is away is told', () => {
  const [trouble] = troublesOf({ busAway: true, now })
  expect(trouble).toMatchObject({ id: 'bus', severity: 'warn', title: 'The bus is away' })
})

test('an account whose tries fail without a breaker is named', () => {
  const at = (seconds: number, accepted: number, retry: number) => ({
    at: now + seconds * 1000,
    providers: [provider('hooks', { outcomes: { accepted, retry } })],
  })
  const first = at(0, 100, 4)
  const last = at(60, 110, 34)
  const looks = [first, last].reduce(
    (before, one) => remembered(before, one.providers, one.at),
    [] as ReturnType<typeof remembered>,
  )
  const tries = triesOf(looks)
  expect(tries).toEqual([{ account: 'hooks', tried: 40, failed: 30, apart: 0 }])
  const lanes = [lane('transactional', { ready: 30 })]
  const [trouble] = troublesOf({ lanes, providers: last.providers, tries, now })
  expect(trouble).toMatchObject({
    severity: 'bad',
    title: '75 % of the tries through hooks fail',
    href: '#/providers?account=hooks',
  })
  expect(trouble?.text).toContain('30 messages wait')
})

test('receivers that fail by themselves are told apart from their account', () => {
  const at = (seconds: number, retry: number) => ({
    at: now + seconds * 1000,
    providers: [provider('hooks', { outcomes: { accepted: 10, retry }, outcomes_apart: { retry } })],
  })
  const looks = [at(0, 4), at(60, 34)].reduce(
    (before, one) => remembered(before, one.providers, one.at),
    [] as ReturnType<typeof remembered>,
  )
  const tries = triesOf(looks)
  expect(tries).toEqual([{ account: 'hooks', tried: 30, failed: 30, apart: 30 }])
  const found = troublesOf({ providers: [provider('hooks')], tries, now })
  expect(found.map((one) => one.title)).toEqual(['Single destinations of hooks fail'])
})

test('some failures among many, and old ones, are no trouble', () => {
  const few = [{ account: 'hooks', tried: 1000, failed: 50, apart: 0 }]
  expect(troublesOf({ providers: [provider('hooks')], tries: few, now })).toEqual([])
  const long = remembered([{ at: now - 121_000, outcomes: {}, apart: {} }], [provider('hooks')], now)
  expect(triesOf(long)).toEqual([])
})
