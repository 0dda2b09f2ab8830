// What the browser tells of the page: in the network or not, looked at or not, left or come back.

export interface Surroundings {
  readonly onOnline: () => void
  readonly onOffline: () => void
  readonly onVisible: () => void
  /** The page is kept for the back button, or comes from there. */
  readonly onFrozen: () => void
  readonly onThawed: () => void
}

export function isOnline(): boolean {
  return globalThis.navigator?.onLine !== false
}

export function isVisible(): boolean {
  return typeof document === 'undefined' || document.visibilityState === 'visible'
}

/** Listen until the answer is called. Outside of browsers nothing is told. */
export function watch(tell: Surroundings): () => void {
  if (typeof window === 'undefined') return () => undefined
  const leave = new AbortController()
  const { signal } = leave
  addEventListener('online', tell.onOnline, { signal })
  addEventListener('offline', tell.onOffline, { signal })
  addEventListener('pagehide', (event) => event.persisted && tell.onFrozen(), { signal })
  addEventListener('pageshow', (event) => event.persisted && tell.onThawed(), { signal })
  document.addEventListener('visibilitychange', () => isVisible() && tell.onVisible(), { signal })
  return () => leave.abort()
}
