import { expect, test } from 'vitest'
import { channel } from '../../lib/words'
import { choices, layer, switched, whose, window, without, words } from './choices'

// As a server answered for somebody with choices at every scope.
const CHOSEN = {
  channels: { push: 'off' },
  quiet_hours: { windows: [{ from: '22:00', until: '07:00' }] },
  categories: { social: { email: 'off' } },
  workflows: { 'comment-added': { level: 'none' } },
  topics: { 'ticket:881': { mute_until: 'forever', suppress: ['everyone', 'roles'] } },
}

test('choices are told by where they hold', () => {
  expect(choices(CHOSEN).map((one) => [one.where, one.what])).toEqual([
    ['Category social', [`${channel('email')} off`]],
    ['Workflow comment-added', ['hears none']],
    ['Topic ticket:881', ['muted for good', 'ignores mentions of everyone and roles']],
  ])
})

test('what holds everywhere is told, too', () => {
  const { categories: _c, workflows: _w, topics: _t, ...top } = CHOSEN
  expect(words(top)).toEqual(['Push off', 'quiet 22:00 to 07:00 every day'])
  expect(words({ quiet_hours: { windows: [] } })).toEqual(['no quiet hours'])
  expect(window({ days: ['mon'], from: '1:00', until: '2:00' })).toBe('1:00 to 2:00 on mon')
})

test('a change is a patch of one scope', () => {
  expect(switched('user', '', 'push', 'on')).toEqual({ channels: { push: 'on' } })
  expect(switched('categories', 'social', 'email', 'off')).toEqual({
    categories: { social: { email: 'off' } },
  })
  expect(switched('workflows', 'w', 'email', 'inherit')).toEqual({ workflows: { w: { email: null } } })
  expect(without('topics', 'doc:9')).toEqual({ topics: { 'doc:9': null } })
})

test('the layer that decided is told in words', () => {
  expect(layer({ kind: 'category', id: 'social' })).toBe('their own choice for the category social')
  expect(layer({ kind: 'environment' })).toBe('a default for everybody')
  expect(layer(null)).toBe('nothing chosen stands against it')
})

test('a change says by whom it was made', () => {
  expect(whose('preference page')).toBe('by themselves, on the preference page')
  expect(whose('key clk_test_AbC...')).toContain('by the key clk_test_AbC')
  expect(whose('import')).toBe('by import')
})
