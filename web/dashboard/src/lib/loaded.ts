export { CursorList, loaded, type Loaded } from './loaded.svelte.ts'
