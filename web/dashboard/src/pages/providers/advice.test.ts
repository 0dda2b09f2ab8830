import { expect, test } from 'vitest'
import type { Provider } from '../overview/problems'
import { adviceFor } from './advice'

const well: Provider = {
  account: 'fcm-main',
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
}

test.each([
  ['an account that is well', {}, 'good', 'takes messages'],
  ['one that nothing leaves', { account: 'capture' }, 'good', 'sends nothing'],
  ['one that is down', { breaker: 'open', cause: 'retry:503' }, 'bad', 'by itself'],
  ['one that refuses our key', { breaker: 'open', cause: 'credential:401' }, 'bad', 'settings'],
  ['one that comes back', { breaker: 'ramping' }, 'info', 'Nothing to do'],
  ['one that asked for a pause', { paused_until: '2026-01-01T00:00:00Z' }, 'warn', 'rate_per_second'],
  ['one that throttles', { in_flight_limit: 8 }, 'warn', 'throttled'],
] as const)('%s', (_what, more, tone, words) => {
  const advice = adviceFor({ ...well, ...more })
  expect(advice.tone).toBe(tone)
  expect(advice.text).toContain(words)
})

test('an account that only we can mend does not promise to come back', () => {
  expect(adviceFor({ ...well, breaker: 'open', cause: 'config:sender' }).text).toContain('not come back')
})
