import type { Scope } from '../../lib/session'

/** `GET /v1/keys` */
export interface Key {
  prefix: string
  environment: string
  scopes: Scope[]
  state: string
  own: boolean
  /** Given by a sign-in link. */
  sign_in: boolean
  created_at: string | null
  expires_at: string | null
  revoked_at: string | null
  rate_per_second: number | null
  burst: number | null
}
