// One stream for all tabs of a user: browsers open only 6 connections a host over HTTP/1.1. The tab
// that holds the lock streams, and tells the others what comes. It goes: the next one gets the lock.
// Where there are no locks (plain http) every tab streams for itself.

import type { Connection, Frame, Meta } from './types.js'

export type Message =
  | { readonly op: 'frame'; readonly frame: Frame; readonly resumed: boolean }
  | { readonly op: 'connection'; readonly connection: Connection }
  | { readonly op: 'poll'; readonly meta: Meta }
  | { readonly op: 'who' }
  | {
      readonly op: 'here'
      readonly seq: number | null
      readonly meta: Meta | null
      readonly connection: Connection
    }

export interface TabsOptions {
  readonly onLead: () => void
  readonly onMessage: (message: Message) => void
}

export class Tabs {
  leads = false
  readonly #options: TabsOptions
  #channel: BroadcastChannel | null = null
  #leave: AbortController | null = null

  constructor(options: TabsOptions) {
    this.#options = options
  }

  /** Take part under this name; null alone. */
  join(name: string | null): void {
    const locks = globalThis.navigator?.locks
    if (!name || !locks || typeof BroadcastChannel === 'undefined') {
      this.leads = true
      this.#options.onLead()
      return
    }
    const leave = (this.#leave = new AbortController())
    this.#channel = new BroadcastChannel(name)
    this.#channel.onmessage = (message: MessageEvent<Message>) =>
      this.#options.onMessage(message.data)
    this.say({ op: 'who' })
    const held = () => {
      if (leave.signal.aborted) return Promise.resolve()
      this.leads = true
      this.#options.onLead()
      return new Promise<void>((resolve) => leave.signal.addEventListener('abort', () => resolve()))
    }
    locks.request(name, { signal: leave.signal }, held).catch(() => undefined)
  }

  leave(): void {
    this.leads = false
    this.#leave?.abort()
    this.#channel?.close()
    this.#channel = null
  }

  say(message: Message): void {
    this.#channel?.postMessage(message)
  }
}

/** What the tabs of one user in one tenant have in common, from the token; null when it is not known. */
export function nameOf(url: string, token: string): string | null {
  try {
    const part = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/')
    const claims = JSON.parse(atob(part)) as Record<string, unknown>
    const whose = Object.keys(claims)
      .filter((name) => !['exp', 'iat', 'nbf', 'jti'].includes(name))
      .sort()
      .map((name) => [name, claims[name]])
    return claims['sub'] ? `clarion-inbox ${url} ${JSON.stringify(whose)}` : null
  } catch {
    return null
  }
}
