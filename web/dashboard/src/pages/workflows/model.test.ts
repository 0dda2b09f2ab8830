import { describe, expect, it } from 'vitest'
import { draw } from './graph'
import { channelsOf, secondsOf, span, stateOf, stepsOf } from './model'

const DOCUMENT = {
  key: 'note',
  steps: [
    { send: { channel: 'inbox', template: { title: 'Hi' } } },
    { digest: { key: 'data.doc', window: 'PT10M', lead: true } },
    { send: { channel: 'push', when: '!inbox.seen', quiet: 'silent', template: {} } },
    { send: { channel: 'email', template: 'note.mjml' } },
    { delay: 'P1D' },
    { until: { window: [] } },
    { send: { channel: 'push', template: {} } },
  ],
}

describe('the steps of a workflow', () => {
  it('are told in words', () => {
    const steps = stepsOf(DOCUMENT)
    expect(steps.map((step) => step.kind)).toEqual([
      'send', 'digest', 'send', 'send', 'delay', 'until', 'send',
    ])
    expect(steps[1]).toMatchObject({
      title: 'Gather for 10 min, tell as one',
      notes: ['by data.doc', 'the first goes on at once'],
    })
    expect(steps[2]).toMatchObject({ when: '!inbox.seen', notes: ['without a sound in quiet hours'] })
    expect(channelsOf(DOCUMENT)).toEqual(['inbox', 'push', 'email'])
  })

  it('are none where the document has none', () => {
    expect(stepsOf({})).toEqual([])
    expect(stepsOf({ steps: [null, 'send', {}] })).toEqual([])
  })
})

describe('a duration', () => {
  it('is read as ISO 8601 writes it', () => {
    expect(secondsOf('P1DT2H')).toBe(93_600)
    expect(secondsOf('PT2S')).toBe(2)
    expect(secondsOf('soon')).toBeNull()
    expect(span('soon')).toBe('soon')
  })
})

describe('the state of a workflow', () => {
  it('is paused before anything else', () => {
    expect(stateOf({ paused: true, document: { rollout: 'shadow' } })).toBe('paused')
    expect(stateOf({ paused: false, document: { rollout: 'shadow' } })).toBe('shadow')
    expect(stateOf({ paused: false, document: { rollout: false } })).toBe('off')
    expect(stateOf({ paused: false, document: {} })).toBe('on')
  })
})

describe('the graph', () => {
  it('has sends between two waits side by side, and waits below', () => {
    const drawn = draw(stepsOf(DOCUMENT))
    const rows = new Map<number, string[]>()
    for (const node of drawn.nodes) rows.set(node.y, [...(rows.get(node.y) ?? []), node.id])
    expect([...rows.values()]).toEqual([['trigger'], ['0'], ['1'], ['2', '3'], ['4'], ['5'], ['6']])
    expect(drawn.edges.filter((edge) => edge.to === '2')).toMatchObject([
      { from: '1', when: '!inbox.seen' },
    ])
    expect(drawn.edges.filter((edge) => edge.to === '4').map((edge) => edge.from)).toEqual(['2', '3'])
    for (const node of drawn.nodes) {
      expect(node.x).toBeGreaterThanOrEqual(0)
      expect(node.x + node.width).toBeLessThanOrEqual(drawn.width)
      expect(node.y + node.height).toBeLessThanOrEqual(drawn.height)
    }
  })
})
