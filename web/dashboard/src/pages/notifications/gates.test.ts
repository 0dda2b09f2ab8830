import { expect, test } from 'vitest'
import type { Story, StepEntry } from '../told'
import { DIGESTED, HELD, MUTED, NO_CONSENT, SENT } from './fixtures'
import { ownerOf, question, stoppedAt } from './gates'

function step(story: Story, channel: string | null): StepEntry {
  const found = story.channels.find((one) => one.channel === channel)
  if (found === undefined) throw new Error(`no ${channel}`)
  return found
}

test('what was sent was stopped by no gate', () => {
  expect(stoppedAt(step(SENT, 'email'))).toBeNull()
  expect(ownerOf(step(SENT, 'email'), SENT.workflow, SENT.user)).toBeNull()
})

test('quiet hours of a person lead to the preferences of that person', () => {
  const push = step(HELD, 'push')
  expect(stoppedAt(push)?.gate).toBe('quiet')
  expect(ownerOf(push, HELD.workflow, HELD.user)).toEqual({
    text: 'alma’s own setting',
    link: { href: '#/people/alma?tab=preferences', label: 'Look at the setting' },
  })
})

test('a mute says of what', () => {
  const owner = ownerOf(step(MUTED, 'inbox'), MUTED.workflow, MUTED.user)
  expect(owner?.text).toBe('tomas’s own setting for the topic ticket:881')
})

test('a missing consent leads to the consents', () => {
  const owner = ownerOf(step(NO_CONSENT, 'email'), NO_CONSENT.workflow, NO_CONSENT.user)
  expect(owner?.link?.href).toContain('tab=consents')
})

test('a digest that nobody chose is the workflow’s', () => {
  const owner = ownerOf(step(DIGESTED, null), DIGESTED.workflow, DIGESTED.user)
  expect(owner?.text).toBe('The workflow post-liked says so')
})

test('defaults are nobody’s own', () => {
  const push = step(HELD, 'push')
  const trace = push.trace.map((line) => ({ ...line, scope: 'environment' }))
  expect(ownerOf({ ...push, trace }, HELD.workflow, HELD.user)?.text).toMatch(/^A default/)
})

test('every gate of a trace has a question', () => {
  expect(HELD.channels[1]?.trace.map((line) => question(line.gate))).not.toContain('')
  expect(question('some_gate')).toBe('some gate')
})
