// Who comes by a sign-in link: `#/sign-in?to=/capture&code=...`. The code is behind the #, which browsers
// send to nobody, and out of the address before anything else is done with it.
import { href, read } from './match'

export interface Arrival {
  code: string
  /** The page to go on to. */
  to: string
}

const DOOR = '/sign-in'

/** What a sign-in link brings, or null for any other address. */
export function arrivalOf(hash: string): Arrival | null {
  const { path, query } = read(hash)
  const code = query['code'] ?? ''
  if (path !== DOOR || code === '') return null
  const to = query['to'] ?? '/'
  return { code, to: to.startsWith('/') ? to : '/' }
}

/** Takes the code out of the address and the history, and leaves the page to go on to. */
export function takeArrival(): Arrival | null {
  const found = arrivalOf(location.hash)
  if (found !== null) history.replaceState(null, '', href(found.to))
  return found
}
