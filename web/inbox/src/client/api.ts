// Requests to the inbox API with the user's token: asked for once, again when the server refuses it.

import { InboxError } from './types.js'

export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly etag: string | null
}

export interface ApiOptions {
  /** Where Clarion is, for example `https://notify.example.org`. */
  readonly url: string
  /** A user token; called again when the former one ends. */
  readonly token: () => string | Promise<string>
  readonly fetch?: typeof fetch
}

const REQUEST_MILLISECONDS = 20_000

export class Api {
  readonly url: string
  readonly #ask: () => string | Promise<string>
  readonly #fetch: typeof fetch
  #token: Promise<string> | null = null

  constructor(options: ApiOptions) {
    this.url = options.url.replace(/\/+$/, '')
    this.#ask = options.token
    this.#fetch = options.fetch ?? ((...request) => globalThis.fetch(...request))
  }

  /** The token in use; InboxError `token` when the page gives none. */
  token(): Promise<string> {
    this.#token ??= Promise.resolve()
      .then(() => this.#ask())
      .catch((reason: unknown) => {
        this.#token = null
        throw new InboxError('token', `no user token was given: ${words(reason)}`)
      })
    return this.#token
  }

  /** Ask for another token with the next request. */
  forgetToken(): void {
    this.#token = null
  }

  /** The body of an answer below 300 (or 304); InboxError for every other, and without one. */
  async ask(method: string, path: string, body?: unknown, etag?: string | null): Promise<Answer> {
    const headers: Record<string, string> = { Accept: 'application/json' }
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    if (etag) headers['If-None-Match'] = etag
    const init: RequestInit = { method, headers, cache: 'no-store' }
    if (body !== undefined) init.body = JSON.stringify(body)
    // A mark may be the last thing before the page goes elsewhere.
    if (method !== 'GET') init.keepalive = true
    const answer = await this.send(path, init, AbortSignal.timeout(REQUEST_MILLISECONDS))
    if (answer.status === 304) return { status: 304, body: null, etag: answer.headers.get('etag') }
    if (!answer.ok) throw await refusal(answer)
    const said: unknown = await answer.json().catch((reason: unknown) => {
      throw new InboxError('network', `the answer broke off: ${words(reason)}`)
    })
    return { status: answer.status, body: said, etag: answer.headers.get('etag') }
  }

  /** Any answer; a 401 is asked again once with a new token. */
  async send(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    for (let again = true; ; again = false) {
      const used = this.token()
      const headers = { ...init.headers, Authorization: `Bearer ${await used}` }
      const answer = await this.#fetch(`${this.url}${path}`, {
        credentials: 'omit',
        ...init,
        headers,
        signal,
      }).catch((reason: unknown) => {
        throw new InboxError('network', `Clarion was not reached: ${words(reason)}`)
      })
      if (answer.status !== 401 || !again) return answer
      void answer.body?.cancel()
      // Somebody else may have renewed it meanwhile.
      if (this.#token === used) this.forgetToken()
    }
  }
}

/** What an answer that refuses says (RFC 9457), as an error. */
export async function refusal(answer: Response): Promise<InboxError> {
  const said = (await answer.json().catch(() => null)) as { detail?: unknown } | null
  const wait = Number(answer.headers.get('retry-after') ?? NaN)
  const text = typeof said?.detail === 'string' ? said.detail : `answered ${answer.status}`
  const code = answer.status >= 500 || answer.status === 429 ? 'server' : 'refused'
  return new InboxError(code, text, answer.status, Number.isFinite(wait) ? wait : null)
}

export function words(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason)
}
