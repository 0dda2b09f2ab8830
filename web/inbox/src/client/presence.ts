// Says while somebody is at this page, so that a push can wait: see `presence` of a send step.

import type { Api } from './api.js'

const EVERY_MILLISECONDS = 60_000
const INPUTS = ['pointerdown', 'pointermove', 'keydown', 'scroll'] as const

/** Tell until the answer is called. Nothing is told of a page in the background or without input. */
export function tellPresence(api: Api): () => void {
  let input = performance.now()
  const heard = () => (input = performance.now())
  const tell = () => {
    if (!document.hasFocus() || performance.now() - input > EVERY_MILLISECONDS) return
    // Not told means away: the push comes.
    api.ask('PUT', '/v1/inbox/presence', { active_for: 'PT2M' }).catch(() => undefined)
  }
  const timer = setInterval(tell, EVERY_MILLISECONDS)
  for (const name of INPUTS) addEventListener(name, heard, { passive: true, capture: true })
  tell()
  return () => {
    clearInterval(timer)
    for (const name of INPUTS) removeEventListener(name, heard, { capture: true })
  }
}
