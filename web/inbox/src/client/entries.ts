// The items a client knows: what the server said last, and over it the marks that are on their way.
// No order of arrival can set an item back: an older version than the known one is left out.

import type { Entry, Filter, Mark, MarkAll, Meta } from './types.js'

/** What a mark that is on its way makes of an item. */
export interface Change {
  readonly applies: (entry: Entry) => boolean
  readonly to: (entry: Entry) => Entry
}

const NOTHING: Meta = { total: 0, unread: 0, unseen: 0 }

/** The item after a mark, as the server will say it. */
export function marked(entry: Entry, mark: Mark, now: string): Entry {
  switch (mark) {
    case 'seen':
      return { ...entry, seen_at: entry.seen_at ?? now }
    case 'read':
      return { ...entry, seen_at: entry.seen_at ?? now, read_at: entry.read_at ?? now }
    case 'unread':
      return { ...entry, read_at: null }
    case 'archive':
      return { ...entry, archived_at: entry.archived_at ?? now }
    case 'unarchive':
      return { ...entry, archived_at: null }
  }
}

/** Marks all up to a place but what is archived, as the server does. */
export function changeOfAll(mark: MarkAll, place: number, now: string): Change {
  return {
    applies: (entry) => entry.place <= place && matches(entry, {}),
    to: (entry) => marked(entry, mark, now),
  }
}

export function isSnoozed(entry: Entry, now: number): boolean {
  return !!entry.snoozed_until && Date.parse(entry.snoozed_until) > now
}

/** Whether a list with this filter shows the item; its category and workflow only the server knows. */
export function matches(entry: Entry, filter: Filter, now = Date.now()): boolean {
  if (entry.expires_at && Date.parse(entry.expires_at) <= now) return false
  if (isSnoozed(entry, now) !== (filter.snoozed === 'only')) return false
  const archived = filter.archived ?? 'exclude'
  if (archived !== 'include' && !!entry.archived_at !== (archived === 'only')) return false
  switch (filter.status ?? 'all') {
    case 'all':
      return true
    case 'unread':
      return !entry.read_at
    case 'read':
      return !!entry.read_at
    case 'unseen':
      return !entry.seen_at
    case 'seen':
      return !!entry.seen_at
  }
}

/** What an item adds to the counts. */
function counted(entry: Entry, now: number): Meta {
  if (entry.archived_at || isSnoozed(entry, now)) return NOTHING
  return { total: 1, unread: entry.read_at ? 0 : 1, unseen: entry.seen_at ? 0 : 1 }
}

export class Entries {
  filter: Filter = {}
  hasMore = false
  #known = new Map<string, Entry>()
  /** The place at which the pages end so far; of what is older only some may be known. */
  #oldest = 0
  #changes = new Set<Change>()
  /** Where an item is shown while the reader holds the list still; those above wait. */
  #held: { top: number; places: Map<string, number> } | null = null
  /** Items that went, and when (turns of `turn`), so that a slower answer does not bring them back. */
  #gone = new Map<string, number>()
  /** The turn at which news brought an item: an answer that is older says nothing of it. */
  #since = new WeakMap<Entry, number>()
  /** Grows with each news; a request remembers it. */
  turn = 0
  #shown = new Map<Entry, { over: readonly Change[]; entry: Entry }>()

  get(id: string): Entry | undefined {
    const entry = this.#known.get(id)
    return entry && this.#display(entry)
  }

  /** True when it is news: a new item, or a newer version (`orSame`: or the same) of a known one. */
  put(entry: Entry, orSame = false): boolean {
    const version = this.#known.get(entry.id)?.version ?? -1
    if (orSame ? version > entry.version : version >= entry.version) return false
    this.#known.set(entry.id, entry)
    this.#gone.delete(entry.id)
    this.turn += 1
    this.#since.set(entry, this.turn)
    return true
  }

  remove(id: string): void {
    this.turn += 1
    this.#known.delete(id)
    this.#gone.set(id, this.turn)
    if (this.#gone.size > 500) this.#gone.delete(this.#gone.keys().next().value ?? '')
  }

  /** A change that the server made, but did not tell each item of: it holds from now on. */
  settle(change: Change): void {
    for (const [id, entry] of this.#known)
      if (change.applies(entry)) this.#known.set(id, change.to(entry))
    this.turn += 1
  }

  get size(): number {
    return this.#known.size
  }

  /** Whether the list was loaded further than to the last of these. */
  goesOnBelow(entries: readonly Entry[]): boolean {
    return (entries.at(-1)?.place ?? 0) > this.#oldest
  }

  /** The list from its top, asked for at `turn`, as it is now; true when it ends with these. */
  renew(entries: readonly Entry[], hasMore: boolean, turn: number): boolean {
    for (const entry of entries) if ((this.#gone.get(entry.id) ?? 0) <= turn) this.put(entry)
    this.lacking(entries, hasMore, turn)
    if (hasMore && this.goesOnBelow(entries)) return false
    this.hasMore = hasMore
    this.#oldest = entries.at(-1)?.place ?? 0
    return true
  }

  /** The first pages, asked for at `turn`, as they are now: what they do not have is gone. */
  lacking(page: readonly Entry[], hasMore: boolean, turn: number): void {
    const there = new Set(page.map((entry) => entry.id))
    const lowest = hasMore ? (page.at(-1)?.place ?? 0) : 0
    for (const [id, entry] of this.#known)
      if (entry.place >= lowest && !there.has(id) && (this.#since.get(entry) ?? 0) <= turn)
        if (matches(this.#display(entry), this.filter)) this.#known.delete(id)
  }

  /** A page of the list, asked for at `turn`; the first one replaces what was known. */
  page(entries: readonly Entry[], first: boolean, hasMore: boolean, turn: number): void {
    const before = this.#known
    if (first) this.#known = new Map()
    for (const entry of entries) {
      const known = before.get(entry.id)
      if ((this.#gone.get(entry.id) ?? 0) > turn) continue
      if (!known || known.version < entry.version) this.#known.set(entry.id, entry)
      else this.#known.set(entry.id, known)
    }
    // News that came while the answer was on its way are newer than it.
    if (first && turn !== this.turn) {
      const newest = entries[0]?.place ?? 0
      for (const entry of before.values())
        if (entry.place > newest) this.#known.set(entry.id, entry)
    }
    this.hasMore = hasMore
    this.#oldest = entries.at(-1)?.place ?? 0
  }

  clear(): void {
    this.#known.clear()
    this.#held = null
    this.hasMore = false
  }

  /** Show a change before the server has answered; the answer is what undoes it. */
  begin(change: Change): () => void {
    this.#changes.add(change)
    return () => this.#changes.delete(change)
  }

  /** Keep the list as it is: what is new, or moves up, waits above. */
  hold(still: boolean): void {
    if (!still) this.#held = null
    else if (!this.#held) {
      const shown = this.visible().entries
      const places = new Map(shown.map((entry) => [entry.id, entry.place]))
      this.#held = { top: shown[0]?.place ?? 0, places }
    }
  }

  /** What the list shows, and how many wait above. */
  visible(now = Date.now()): { entries: Entry[]; above: number } {
    const oldest = this.hasMore ? this.#oldest : 0
    const matching = [...this.#known.values()]
      .map((entry) => this.#display(entry))
      .filter((entry) => matches(entry, this.filter, now) && entry.place >= oldest)
    const held = this.#held
    if (!held) return { entries: matching.sort((a, b) => b.place - a.place), above: 0 }
    const place = (entry: Entry) => held.places.get(entry.id) ?? entry.place
    const entries = matching.filter((entry) => place(entry) <= held.top)
    const above = matching.filter((entry) => entry.place > held.top).length
    return { entries: entries.sort((a, b) => place(b) - place(a)), above }
  }

  /** The counts as they will be when the marks on their way have arrived. */
  meta(meta: Meta, now = Date.now()): Meta {
    if (!this.#changes.size) return meta
    let { total, unread, unseen } = meta
    for (const entry of this.#known.values()) {
      const shown = this.#display(entry)
      if (shown === entry) continue
      const [was, is] = [counted(entry, now), counted(shown, now)]
      total += is.total - was.total
      unread += is.unread - was.unread
      unseen += is.unseen - was.unseen
    }
    return { total: atLeast0(total), unread: atLeast0(unread), unseen: atLeast0(unseen) }
  }

  /** The newest item of the list, whatever waits on its way. */
  newest(): Entry | undefined {
    return this.visible().entries.reduce<Entry | undefined>(
      (best, entry) => (best && best.place > entry.place ? best : entry),
      undefined,
    )
  }

  #display(entry: Entry): Entry {
    const over = [...this.#changes].filter((change) => change.applies(entry))
    if (!over.length) return entry
    const kept = this.#shown.get(entry)
    if (kept && kept.over.length === over.length && over.every((c, i) => c === kept.over[i]))
      return kept.entry
    const shown = over.reduce((current, change) => change.to(current), entry)
    if (this.#shown.size > 1000) this.#shown.clear()
    this.#shown.set(entry, { over, entry: shown })
    return shown
  }
}

function atLeast0(count: number): number {
  return Math.max(0, count)
}
