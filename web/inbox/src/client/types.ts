// What the inbox API of Clarion says, and what the client tells of it. Instants are RFC 3339 texts.

/** A button of an item. `url` is absent where the page itself acts on it. */
export interface Action {
  readonly id?: string | null
  readonly label?: string
  readonly url?: string | null
  /** `primary` stands out; the first one does without a word. */
  readonly style?: string
}

/** An item of the inbox. `version` grows with each change; `place` orders items, highest first. */
export interface Entry {
  readonly id: string
  readonly notification_id: string
  readonly event_id: string
  readonly title: string | null
  readonly body: string | null
  readonly url: string | null
  readonly image: string | null
  readonly actions: readonly Action[]
  /** False: counts, but does not ring or pop up. */
  readonly alert: boolean
  readonly created_at: string
  readonly updated_at: string
  readonly expires_at: string | null
  readonly seen_at: string | null
  readonly read_at: string | null
  readonly archived_at: string | null
  readonly snoozed_until?: string | null
  /** When the user chose an action, and the index of the one chosen last. */
  readonly interacted_at?: string | null
  readonly chosen_action?: number | null
  readonly version: number
  readonly place: number
  /** Set where the item tells several events; the four below describe them then. */
  readonly aggregation_key?: string | null
  readonly total_activities?: number | null
  readonly total_actors?: number | null
  readonly actors?: readonly string[]
  readonly activities?: readonly { readonly event_id: string; readonly at: string }[]
}

/** Counts over items that are neither archived, snoozed nor expired. */
export interface Meta {
  readonly total: number
  readonly unread: number
  readonly unseen: number
}

/** Which items the list shows. */
export interface Filter {
  readonly status?: 'all' | 'unread' | 'read' | 'unseen' | 'seen'
  readonly archived?: 'exclude' | 'include' | 'only'
  readonly snoozed?: 'exclude' | 'only'
  /** Only items of workflows in this category. */
  readonly category?: string
  /** Only items of this workflow. */
  readonly workflow?: string
}

export type Mark = 'seen' | 'read' | 'unread' | 'archive' | 'unarchive'
export type MarkAll = 'seen' | 'read' | 'archive'

/**
 * How news arrive. `live`: by the stream; `polling`: the stream cannot be had, counts are asked for;
 * `unreachable`: neither answers, both are tried again; `offline`: the network is gone; `refused`: no
 * token can be had, or the server takes none.
 */
export type Connection =
  | 'idle'
  | 'connecting'
  | 'live'
  | 'polling'
  | 'unreachable'
  | 'offline'
  | 'refused'

/** All that a page shows. A new object with each change; unchanged entries stay the same objects. */
export interface InboxState {
  readonly entries: readonly Entry[]
  readonly meta: Meta
  /** False until the first counts are known. */
  readonly counted: boolean
  readonly connection: Connection
  readonly filter: Filter
  /** `no`: the list was not asked for; `failed`: see `error`. */
  readonly list: 'no' | 'loading' | 'ready' | 'failed'
  readonly loadingMore: boolean
  readonly hasMore: boolean
  /** New items that wait above because the reader holds the list still. */
  readonly above: number
  /** Why the list could not be had. */
  readonly error: InboxError | null
}

export type ErrorCode = 'token' | 'refused' | 'network' | 'server'

/** A request that did not work. `status` is that of the answer, 0 without one. */
export class InboxError extends Error {
  override readonly name = 'InboxError'
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly status = 0,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message)
  }
}

/** What `client.on(type, ...)` hands over. */
export interface InboxEvents {
  /** The state is another. */
  change: InboxState
  /** An item is new, or a new activity opened it again. */
  new: Entry
  /** Something failed; with `mark`, a mark was taken back. */
  error: { readonly error: InboxError; readonly mark?: string; readonly ids?: readonly string[] }
}

/** A frame of the stream, whichever way it came. */
export interface Frame {
  readonly type: string
  readonly seq: number | null
  readonly data: {
    readonly entry?: Entry
    readonly id?: string
    readonly meta?: Meta
    readonly seq?: number
    readonly expires_at?: string
  }
}
