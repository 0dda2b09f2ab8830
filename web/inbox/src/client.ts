// The headless client: a user's inbox without any looks. It needs nothing but a browser, or Node.
export { InboxClient, type InboxOptions } from './client/inbox.js'
export { InboxError } from './client/types.js'
export type {
  Action,
  Connection,
  Entry,
  ErrorCode,
  Filter,
  InboxEvents,
  InboxState,
  Mark,
  MarkAll,
  Meta,
} from './client/types.js'
