import { expect, test } from 'vitest'
import { actions, bodyOf, done, finish, headline, place, reasons, words, type Blast, type Draft } from './blast'

const now = Date.parse('2026-03-01T12:00:00Z')

function blast(more: Partial<Blast> = {}): Blast {
  return {
    id: 'blt_1', name: 'sale', type: 'sale.began', state: 'armed', workflows: ['sale'],
    lanes: ['bulk'], progress: { recipients: 100, percent: 100 },
    audience: { recipients: 100, told: 90, skipped: { muted: 10 } }, channels: {}, locales: ['en'],
    problems: [], warnings: [], note: null, tests: 0, expires_in_seconds: null, created_at: null,
    armed_at: null, fire_at: null, fired_at: null, paused_at: null, paused_by: null,
    expires_at: null, expired_at: null, canceled_at: null, ended_at: null, event_id: null,
    event: null, ...more,
  }
}

function fired(left: number, counts: Partial<NonNullable<Blast['event']>['counts']>, more: Partial<Blast> = {}): Blast {
  return blast({
    state: 'fired',
    fired_at: '2026-03-01T11:00:00Z',
    event: {
      id: 'evt_1', status: 'expanding', left, balanced: false, estimate: { push: null },
      counts: { recipients: 0, sent: 0, skipped: 0, held: 0, open: 0, dead: 0, undecided: 0, ...counts },
      deliveries: { push: { sent: 0, open: counts.open ?? 0, dead: 0 } },
    },
    ...more,
  })
}

test('only what can be done as it stands is offered', () => {
  expect(actions(blast())).toEqual(['test', 'fire', 'cancel'])
  expect(actions(blast({ fire_at: '2026-03-02T12:00:00Z' }))).toContain('pause')
  expect(actions(blast({ state: 'preparing' }))).not.toContain('fire')
  expect(actions(fired(5, {}))).toEqual(['pause', 'cancel'])
  expect(actions(fired(5, {}, { state: 'paused' }))).toEqual(['resume', 'cancel'])
  expect(actions(fired(0, {}, { state: 'complete' }))).toEqual([])
  expect(actions(blast({ state: 'canceled' }))).toEqual(['delete'])
})

test('done is only who is told, skipped or given up', () => {
  expect(done(fired(50, { sent: 20, skipped: 5, open: 25 }))).toBe(0.25)
  expect(done(fired(0, { sent: 90, skipped: 10 }))).toBe(1)
  expect(done(blast())).toBe(0)
})

test('a finish is promised only where a quota bounds it', () => {
  const push = {
    recipients: 100, destinations: 100, held: 0, gathered: 0, skipped: {}, rate_per_second: 1,
    seconds: 100, earliest_finish: '2026-03-01T12:01:40Z', accounts: [],
  }
  expect(finish(blast({ channels: { push } }), 'push', now)).toBe('1 min 40 s after firing, at the earliest')
  const none = { ...push, rate_per_second: null, seconds: null, earliest_finish: null }
  expect(finish(blast({ channels: { push: none } }), 'push', now)).toContain('nothing is promised')
  expect(finish(fired(9, { open: 3 }), 'push', now)).toContain('nothing is promised')
  expect(finish(fired(0, { open: 0 }), 'push', now)).toBe('nothing waits')
  expect(finish(fired(9, { open: 3 }, { state: 'paused' }), 'push', now)).toContain('paused')
})

test('a finish of a fired blast is that of what still waits', () => {
  const running = fired(0, { open: 3 })
  running.event!.estimate = { push: '2026-03-01T12:05:00Z' }
  expect(finish(running, 'push', now)).toBe('in 5 min, at the earliest')
  expect(finish(running, 'push', now + 600_000)).toBe('any moment')
})

test('where it stands is told in a sentence', () => {
  expect(headline(blast(), now)).toContain('90 would be told')
  expect(headline(fired(40, { sent: 60 }), now)).toBe('40 of 100 people are not decided yet.')
  expect(headline(blast({ state: 'canceled' }), now)).toContain('Nobody was told')
  expect(headline(fired(0, { sent: 7 }, { state: 'canceled' }), now)).toContain('7 had been told')
})

test('reasons come with the most frequent first, troubles with where they are', () => {
  expect(reasons({ muted: 2, no_destination: 9 }).map(({ code }) => code)).toEqual(['no_destination', 'muted'])
  expect(place({ detail: 'x', workflow: 'sale', step: 1, locale: 'de' })).toBe('sale, step 2, de')
})

const draft: Draft = {
  name: 'sale', id: '', type: 'sale.began', audience: 'topic', topic: 'news', except: '', users: '',
  tenant: '', data: '{"percent": 20}', expiresIn: 'PT24H',
}

test('a form becomes the body of a request', () => {
  expect(bodyOf(draft)).toEqual({
    body: {
      type: 'sale.began', name: 'sale', data: { percent: 20 }, recipients: [{ topic: 'news' }],
      expires_in: 'PT24H',
    },
  })
  expect(bodyOf({ ...draft, audience: 'all' })).toMatchObject({ body: { recipients: [{ all: true }] } })
  expect(bodyOf({ ...draft, audience: 'users', users: 'ana, ben\nana' })).toMatchObject({
    body: { recipients: ['ana', 'ben'] },
  })
  expect(bodyOf({ ...draft, except: 'u9' })).toMatchObject({
    body: { recipients: [{ topic: 'news', except: ['u9'] }] },
  })
  const own = bodyOf({ ...draft, audience: 'workflow' })
  expect('body' in own && 'recipients' in own.body).toBe(false)
})

test('what is missing or broken is told at its field', () => {
  const mistakes = (more: Partial<Draft>) => {
    const found = bodyOf({ ...draft, ...more })
    return 'mistakes' in found ? Object.keys(found.mistakes) : []
  }
  expect(mistakes({ type: ' ' })).toEqual(['type'])
  expect(mistakes({ topic: '' })).toEqual(['topic'])
  expect(mistakes({ audience: 'users' })).toEqual(['users'])
  expect(mistakes({ data: '{' })).toEqual(['data'])
  expect(mistakes({ data: '[1]' })).toEqual(['data'])
  expect(words(' a,b  a ')).toEqual(['a', 'b'])
})
