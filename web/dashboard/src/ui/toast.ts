export { toast } from './toasts.svelte.ts'
