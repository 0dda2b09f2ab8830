// What an erasure removed and kept, in words of people rather than of tables.
import { sentence } from '../../lib/words'

const ERASED: Record<string, string> = {
  history: 'Former versions of the profile',
  destinations: 'Addresses and devices',
  settings: 'Preferences',
  setting_history: 'Former preferences',
  subscriptions: 'Subscriptions to topics',
  memberships: 'Memberships in tenants',
  item_keys: 'Marks of what an item in the inbox tells of',
  item_members: 'Events that items in the inbox told of together',
  items: 'Items in the inbox',
  inboxes: 'Inboxes with their numbers',
  captures: 'Messages that were kept instead of being sent',
  dedupe_keys: 'Marks of what was told already',
  consents: 'Consents, emptied of who said them, where and how',
  consent_states: 'What they agree to now',
  caps: 'Counts of what they were sent lately',
  presence: 'Whether they are active',
  contents: 'Messages in the words they were told',
  details: 'What providers said about their messages',
  digests: 'Digests that gathered for them',
  payloads: 'Data of events that named only them',
  deliveries: 'Messages that were still to be sent, canceled',
  states: 'Changes that came in and were still to be taken over',
}

const KEPT: Record<string, string> = {
  suppressions: 'Suppressed addresses, as a hash that nobody can read, so that nobody writes to them again',
}

export function erasedWords(kind: string): string {
  return ERASED[kind] ?? sentence(kind)
}

export function keptWords(kind: string): string {
  return KEPT[kind] ?? sentence(kind)
}
