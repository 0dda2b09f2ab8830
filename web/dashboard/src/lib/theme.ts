export { choose, theme, type Theme } from './theme.svelte.ts'
