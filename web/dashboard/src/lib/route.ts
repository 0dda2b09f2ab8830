export { href, part, type Query, type QueryInput } from './match'
export { again, ask, go, route, type PageEntry } from './route.svelte.ts'
