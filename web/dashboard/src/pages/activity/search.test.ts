import { expect, test } from 'vitest'
import type { Listed } from '../../lib/api'
import type { Summary } from '../told'
import { A_SUMMARY } from './fixtures'
import { Search } from './search.svelte.ts'

const page = (rows: number, next: string | null): Listed<Summary> => ({
  data: Array.from({ length: rows }, (_, n) => ({ ...A_SUMMARY, id: `${next}-${n}` })),
  page_info: { has_next: next !== null, end_cursor: next },
})

test('a page without rows is not the end', async () => {
  const asked: (string | null)[] = []
  const pages = [page(0, 'a'), page(0, 'b'), page(2, null)]
  const search = new Search(async (after) => {
    asked.push(after)
    return pages[asked.length - 1]!
  })
  await search.more()
  expect([search.items.length, search.done, search.tired]).toEqual([2, true, false])
  expect(asked).toEqual([null, 'a', 'b'])
})

test('it asks before it looks for long, and goes on where it stopped', async () => {
  const asked: (string | null)[] = []
  const search = new Search(async (after) => {
    asked.push(after)
    return page(asked.length > 9 ? 1 : 0, asked.length > 9 ? null : `p${asked.length}`)
  })
  await search.more()
  expect([search.tired, search.looked, asked.length]).toEqual([true, 16_000, 8])
  search.onward()
  expect(asked.length).toBe(8)
  search.further()
  await new Promise((done) => setTimeout(done))
  expect(asked.slice(8)).toEqual(['p8', 'p9'])
  expect(search.items.length).toBe(1)
})
