export { LANES, lanesSeen, watchLanes, type Lane } from './watched.svelte.ts'
