export { version } from './client.js'
