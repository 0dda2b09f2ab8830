// Which rows of a long list are to be seen.

/** No browser lays out elements that are much higher (Firefox ends at 17.8 million pixels). */
export const HIGHEST = 15_000_000
const SPARE = 8

export interface Shown {
  /** The first row that is drawn, and the one after the last. */
  from: number
  until: number
  /** Pixels from the top at which the first one is drawn, and of the whole. */
  top: number
  height: number
}

/** Lists higher than any browser can lay out are scrolled in proportion. */
export function windowOf(rows: number, rowHeight: number, scrolled: number, seen: number): Shown {
  const whole = rows * rowHeight
  const height = Math.min(whole, HIGHEST)
  const reach = Math.max(height - seen, 1)
  const at = Math.min(Math.max(scrolled, 0), reach)
  const wanted = whole > HIGHEST ? (at / reach) * (whole - seen) : at
  const from = Math.max(0, Math.floor(wanted / rowHeight) - SPARE)
  const until = Math.min(rows, Math.ceil((wanted + seen) / rowHeight) + SPARE)
  return { from: Math.min(from, until), until, top: from * rowHeight - wanted + at, height }
}
