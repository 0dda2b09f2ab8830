// The instant that relative times are told from; moves every few seconds while the tab is seen.

export const now: { at: number } = $state({ at: Date.now() })

const STEP_MILLISECONDS = 5000

setInterval(() => {
  if (!document.hidden) now.at = Date.now()
}, STEP_MILLISECONDS)
document.addEventListener('visibilitychange', () => (now.at = Date.now()))
