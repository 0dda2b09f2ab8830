// Where the operator is. A page is shown once its chunk is there, so that what it reads belongs to it.
import type { Component } from 'svelte'
import { href, match, read, type Query, type QueryInput } from './match'

export interface PageEntry {
  /** `/people/:id` */
  path: string
  /** The page's own chunk. */
  load: () => Promise<{ default: Component }>
}

interface Route {
  path: string
  params: Query
  query: Query
  pattern: string | null
  page: Component | null
  failed: boolean
}

/** `path`, `params` (of the pattern) and `query` of the page that is shown. */
export const route: Route = $state({
  path: '/',
  params: {},
  query: {},
  pattern: null,
  page: null,
  failed: false,
})

let table: PageEntry[] = []
let newest = 0

/** Follow the address from now on; answers how to stop. */
export function follow(pages: PageEntry[]): () => void {
  table = pages
  const changed = (): void => void show(location.hash)
  addEventListener('hashchange', changed)
  changed()
  return () => removeEventListener('hashchange', changed)
}

/** Go to a page. `replace`: without a step to go back to, as for filters. */
export function go(path: string, query: QueryInput = {}, replace = false): void {
  const address = href(path, query)
  if (replace) {
    history.replaceState(null, '', address)
    void show(address)
  } else location.hash = address
}

/** Change parts of the query of this page, without a step to go back to. */
export function ask(changes: QueryInput): void {
  go(route.path, { ...route.query, ...changes }, true)
}

/** Load the page that was asked for once more. */
export function again(): void {
  void show(location.hash)
}

async function show(hash: string): Promise<void> {
  const turn = ++newest
  const { path, query } = read(hash)
  const found = find(path)
  let page: Component | null = null
  let failed = false
  if (found !== null && found.entry.path === route.pattern && route.page !== null) {
    page = route.page
  } else if (found !== null) {
    try {
      page = (await found.entry.load()).default
    } catch {
      failed = true
    }
  }
  if (turn !== newest) return
  route.path = path
  route.params = found?.params ?? {}
  route.query = query
  route.pattern = found?.entry.path ?? null
  route.page = page
  route.failed = failed
}

function find(path: string): { entry: PageEntry; params: Query } | null {
  for (const entry of table) {
    const params = match(entry.path, path)
    if (params !== null) return { entry, params }
  }
  return null
}
