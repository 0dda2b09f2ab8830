import { expect, test } from 'vitest'
import type { Listed } from './api'
import { CursorList } from './loaded'

function pages(...rows: number[][]): (after: string | null) => Promise<Listed<number>> {
  return (after) => {
    const place = after === null ? 0 : Number(after)
    const more = place + 1 < rows.length
    return Promise.resolve({
      data: rows[place] ?? [],
      page_info: { has_next: more, end_cursor: more ? String(place + 1) : null },
    })
  }
}

test('pages follow each other until there is none', async () => {
  const list = new CursorList(pages([1, 2], [], [3]))
  await list.more()
  expect([list.items, list.done]).toEqual([[1, 2], false])
  await list.more()
  await list.more()
  expect([list.items, list.done]).toEqual([[1, 2, 3], true])
  await list.more()
  expect(list.items).toEqual([1, 2, 3])
})

test('asking twice at once gets one page', async () => {
  let calls = 0
  const list = new CursorList<number>((after) => {
    calls += 1
    return pages([1], [2])(after)
  })
  await Promise.all([list.more(), list.more()])
  expect([calls, list.items]).toEqual([1, [1]])
})

test('what was asked for before a reset is dropped when it comes', async () => {
  const answers: ((page: Listed<string>) => void)[] = []
  const list = new CursorList<string>(() => new Promise((resolve) => answers.push(resolve)))
  const first = list.more()
  list.reset()
  answers[1]?.({ data: ['new'], page_info: { has_next: false, end_cursor: null } })
  answers[0]?.({ data: ['old'], page_info: { has_next: true, end_cursor: 'x' } })
  await first
  await Promise.resolve()
  expect([list.items, list.done, list.loading]).toEqual([['new'], true, false])
})

test('a page that fails says why and can be asked for again', async () => {
  let broken = true
  const list = new CursorList<number>((after) =>
    broken ? Promise.reject(new Error('away')) : pages([1])(after),
  )
  await list.more()
  expect([String(list.error), list.loading, list.empty]).toEqual(['Error: away', false, false])
  broken = false
  await list.more()
  expect([list.error, list.items, list.done]).toEqual([null, [1], true])
})

test('nothing at all is told from nothing yet', async () => {
  const list = new CursorList(pages([]))
  expect(list.empty).toBe(false)
  await list.more()
  expect(list.empty).toBe(true)
})

test('newer ones come before the others', async () => {
  const list = new CursorList(pages([2, 1]))
  await list.more()
  list.prepend([4, 3])
  expect(list.items).toEqual([4, 3, 2, 1])
})
