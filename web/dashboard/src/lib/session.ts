export { keyInUse, may, session, signIn, signOut, type Scope, type Who } from './session.svelte.ts'
