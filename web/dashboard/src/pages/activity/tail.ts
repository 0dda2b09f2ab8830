// How new rows come into a list that is followed.
import type { Summary } from '../told'

export interface Merged {
  /** The list with what is new about rows that it has. */
  items: Summary[]
  /** Rows that it has not, newest first. */
  fresh: Summary[]
  /** Nothing on the page was known: there is a gap between it and the list. */
  gap: boolean
}

/** How many rows from the top may still change or be met again. */
const WATCHED = 600

/** Compare the newest page with the list. */
export function merged(items: Summary[], page: Summary[]): Merged {
  const byId = new Map(page.map((row) => [row.id, row]))
  const known = new Set<string>()
  let changed = false
  const top = items.slice(0, WATCHED).map((row) => {
    known.add(row.id)
    const now = byId.get(row.id)
    if (now === undefined || (now.status === row.status && now.until === row.until)) return row
    changed = true
    return now
  })
  const fresh = page.filter((row) => !known.has(row.id))
  return {
    items: changed ? top.concat(items.slice(WATCHED)) : items,
    fresh,
    gap: items.length > 0 && page.length > 0 && fresh.length === page.length,
  }
}
