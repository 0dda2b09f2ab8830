import { expect, test } from 'vitest'
import { diff, type Line } from './diff'

function told(lines: Line[]): string[] {
  const sign = { same: ' ', removed: '-', added: '+' }
  return lines.map((line) => sign[line.kind] + line.text)
}

test('equal texts have no change', () => {
  expect(told(diff('a\nb\n', 'a\nb\n'))).toEqual([' a', ' b'])
})

test('a changed line is removed and added where it stands', () => {
  expect(told(diff('a\nb\nc', 'a\nx\nc'))).toEqual([' a', '-b', '+x', ' c'])
})

test('lines that stay between changes are kept', () => {
  expect(told(diff('one\ntwo\nthree\nfour', 'zero\ntwo\nfour\nfive'))).toEqual([
    '-one', '+zero', ' two', '-three', ' four', '+five',
  ])
})

test('from nothing, and to nothing', () => {
  expect(told(diff('', 'a'))).toEqual(['+a'])
  expect(told(diff('a', ''))).toEqual(['-a'])
  expect(diff('', '')).toEqual([])
})

test('texts beyond all measure are told as replaced', () => {
  const old = Array.from({ length: 3000 }, (_, n) => `old ${n}`).join('\n')
  const young = Array.from({ length: 3000 }, (_, n) => `young ${n}`).join('\n')
  const lines = diff(old, young)
  expect(lines.filter((line) => line.kind === 'removed')).toHaveLength(3000)
  expect(lines.filter((line) => line.kind === 'added')).toHaveLength(3000)
})
