// How high a row of notifications is: on a narrow screen its parts stand below each other.
import { MediaQuery } from 'svelte/reactivity'

const LINE = 52
const STACKED = 98

const narrow = new MediaQuery('max-width: 900px')

/** Pixels. */
export function rowHeight(): number {
  return narrow.current ? STACKED : LINE
}
