// `<clarion-inbox>`, defined by being imported, and the client it is made of.
import { ClarionInbox } from './element/clarion-inbox.js'

if (!customElements.get('clarion-inbox')) customElements.define('clarion-inbox', ClarionInbox)

export { ClarionInbox, type FilterChoice } from './element/clarion-inbox.js'
export type { Messages } from './element/locales.js'
export * from './client.js'
