export { now } from './now.svelte.ts'
