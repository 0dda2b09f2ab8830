import { describe, expect, it } from 'vitest'
import { linesOf, named, said, storiesOf, summed, titled, type EventTold, type Looked, type Told } from './story'

const COUNTS = { recipients: 0, sent: 0, skipped: 0, held: 0, open: 0, dead: 0, undecided: 0 }

function event(id: string, changes: Partial<EventTold> = {}): EventTold {
  return {
    id, type: 'order.created', status: 'complete', accepted_at: `2026-01-02T03:04:0${id}Z`, tags: {},
    workflows: [], counts: COUNTS, deliveries: {}, ...changes,
  }
}

function told(user: string, status: string, ...steps: [string | null, string, string][]): Told {
  return {
    id: `ntf_${user}`, event_id: '1', workflow: 'w', user, status, until: null, verdict: '', channels: [],
    steps: steps.map(([channel, result, reason], step) => ({ step, channel, result, reason, until: null })),
  }
}

function looked(changes: Partial<EventTold>, ...ones: Told[]): Looked {
  return { event: event('1', changes), told: ones, whole: true }
}

describe('what became of an event', () => {
  it('says who was told, and on which channels', () => {
    const [line] = linesOf(
      looked(
        { counts: { ...COUNTS, recipients: 2, sent: 2 }, deliveries: { inbox: { sent: 2, open: 0, dead: 0 }, push: { sent: 1, open: 0, dead: 0 } } },
        told('ana', 'sent', ['inbox', 'send', 'level_all']),
        told('ben', 'sent', ['inbox', 'send', 'level_all']),
      ),
    )
    expect(line).toMatchObject({ tone: 'good', number: 2 })
    expect(said(line!)).toBe('told: 2 by inbox, 1 by push')
    expect(line?.people.map((one) => one.user)).toEqual(['ana', 'ben'])
  })

  it('gives the reason of everybody who was not told', () => {
    const lines = linesOf(
      looked(
        { counts: { ...COUNTS, recipients: 2, skipped: 2 } },
        told('tomas', 'skipped', [null, 'skip', 'muted']),
        told('lena', 'skipped', [null, 'skip', 'own_event']),
      ),
    )
    expect(lines.map((line) => line.text)).toEqual([
      'not told: they muted this',
      'not told: they did it themselves',
    ])
  })

  it('counts all of a large audience where there is one reason, and says where it counted some', () => {
    const many: Looked = {
      ...looked({ counts: { ...COUNTS, recipients: 900, skipped: 126, sent: 774 } }, told('omar', 'skipped', [null, 'skip', 'level_none'])),
      whole: false,
    }
    expect(linesOf(many).map((line) => [line.number, line.some])).toEqual([[774, false], [126, false]])
  })

  it('of a large audience counts who got no mail, and says about how many got no push', () => {
    const many: Looked = {
      ...looked(
        { counts: { ...COUNTS, recipients: 2000, sent: 1985 }, deliveries: { email: { sent: 221, open: 2, dead: 0 } } },
        told('ana', 'sent', ['email', 'skip', 'no_consent']),
        told('ben', 'sent', ['push', 'skip', 'no_destination'], ['email', 'skip', 'no_consent']),
        told('eva', 'sent', ['email', 'send', 'level_all']),
      ),
      whole: false,
    }
    expect(linesOf(many).map((line) => [line.number, line.some])).toEqual([[1985, false], [1762, false], [662, true]])
  })

  it('tells held, gathered and partly told apart', () => {
    const lines = linesOf(
      looked(
        { counts: { ...COUNTS, recipients: 3, sent: 2, held: 1 } },
        told('alma', 'held', ['inbox', 'send', 'level_all'], ['push', 'hold', 'quiet_hours']),
        told('mia', 'sent', [null, 'digest', 'digested']),
        told('noor', 'sent', ['inbox', 'send', 'level_all'], ['email', 'skip', 'channel_off']),
      ),
    )
    expect(lines.map((line) => [line.tone, line.text])).toEqual([
      ['good', 'told'],
      ['info', 'gathered, and told together as one'],
      ['warn', 'held: it is their quiet hours'],
      ['quiet', 'told, but not by email: they switched this channel off'],
    ])
  })

  it('names what was given up', () => {
    const [line] = linesOf(looked({ deliveries: { push: { sent: 0, open: 0, dead: 1 } } }))
    expect(line).toMatchObject({ tone: 'bad', number: 1 })
  })

  it('says why, and never that the provider refused what it only put off', () => {
    const died = {
      ...told('ana', 'dead'),
      channels: [{ channel: 'email', became: 'given_up', deliveries: { dead: 1 }, cause: 'the provider had a passing problem (451)' }],
    }
    const [line] = linesOf(looked({ deliveries: { email: { sent: 0, open: 0, dead: 1 } } }, died))
    expect(line?.text).toBe('by email given up: the provider had a passing problem (451)')
    expect(line?.people.map((one) => one.user)).toEqual(['ana'])
  })
})

describe('stories', () => {
  it('put events with the same tag together, and those of a type in one scene', () => {
    const tags = { story: 'Twenty likes' }
    const counts = { ...COUNTS, recipients: 1, sent: 1 }
    const one = (id: string): Looked => ({
      event: event(id, { type: 'post.liked', tags, counts }),
      told: [told('mia', 'sent', [null, 'digest', 'digested'])],
      whole: true,
    })
    const [likes, order] = storiesOf([one('3'), one('2'), looked({ counts })])
    expect(likes).toMatchObject({ title: 'Twenty likes', at: '2026-01-02T03:04:02Z' })
    expect(likes?.scenes).toHaveLength(1)
    expect(likes?.scenes[0]?.lines).toMatchObject([{ number: 2, people: [{ user: 'mia' }] }])
    expect(summed(likes!.scenes[0]!)).toBe('2 events for 1 person')
    expect(named(likes!.scenes[0]!.lines[0]!)).toMatchObject({ shown: [{ user: 'mia' }], more: 0 })
    expect(order?.title).toBe('Order created')
  })

  it('tell an event that reached nobody apart from those that did', () => {
    const tags = { story: 'A shop' }
    const [shop] = storiesOf([
      { ...looked({ tags, counts: { ...COUNTS, sent: 1 } }) },
      { ...looked({ tags, counts: { ...COUNTS, skipped: 1 } }) },
    ])
    expect(shop?.scenes).toHaveLength(2)
  })
})

describe('a digest', () => {
  it('belongs to the story of what it tells', () => {
    const gathered = looked(
      { tags: { story: 'Likes' }, counts: { ...COUNTS, sent: 1 } },
      told('mia', 'sent', [null, 'digest', 'digested']),
    )
    const digest: Looked = {
      event: event('9', { type: 'clarion.digest', counts: { ...COUNTS, sent: 1 } }),
      told: [told('mia', 'sent', ['push', 'send', 'level_all'])],
      whole: true,
    }
    const found = storiesOf([digest, gathered])
    expect(found.map((story) => story.title)).toEqual(['Likes'])
    expect(found[0]?.scenes.map((scene) => titled(scene.type))).toEqual(['Order created', 'Told as one'])
  })
})

describe('names', () => {
  it('are few, with how many more there are', () => {
    const people = ['a', 'b', 'c', 'd', 'e', 'f'].map((user) => ({ user, notification: user }))
    expect(named({ tone: 'good', number: 9, some: false, text: '', people, unnamed: 3 })).toMatchObject({ more: 5 })
    expect(titled('order.created')).toBe('Order created')
  })
})
