// The API key of this tab: in the tab's own storage, never in an address, gone with the tab.

export type Scope = 'trigger' | 'read' | 'admin'

/** `GET /v1/keys/self`. */
export interface Who {
  environment: string
  prefix: string
  scopes: Scope[]
  created_at: string | null
  expires_at: string | null
  /** Is it one that a sign-in link gave, which nobody else uses? */
  sign_in: boolean
}

interface Session {
  who: Who | null
  version: string
  /** Why the operator has to sign in again, if it was not their wish. */
  notice: string
}

const PLACE = 'clarion.key'

export const session: Session = $state({ who: null, version: '', notice: '' })

let key: string | null = null

/** The key in use, or null. */
export function keyInUse(): string | null {
  if (key === null) key = stored(() => sessionStorage.getItem(PLACE))
  return key
}

export function signIn(text: string, who: Who): void {
  key = text
  stored(() => sessionStorage.setItem(PLACE, text))
  session.who = who
  session.notice = ''
}

export function signOut(notice = ''): void {
  key = null
  stored(() => sessionStorage.removeItem(PLACE))
  session.who = null
  session.notice = notice
}

/** May the key in use do this? An admin key may do all. */
export function may(scope: Scope): boolean {
  const scopes = session.who?.scopes ?? []
  return scopes.includes(scope) || scopes.includes('admin')
}

// Browsers may refuse storage altogether; then the key lives as long as the page.
function stored<T>(use: () => T): T | null {
  try {
    return use()
  } catch {
    return null
  }
}
