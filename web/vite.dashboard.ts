// The operators' dashboard: one page, served at `/`, its files under `/static/dashboard/`.
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

const server = process.env['CLARION_URL'] ?? 'http://127.0.0.1:8400'

export default defineConfig({
  root: 'dashboard',
  base: '/static/dashboard/',
  plugins: [svelte({ configFile: '../svelte.config.js' })],
  server: { proxy: { '/v1': { target: server, ws: true }, '/readyz': server, '/metrics': server } },
  build: {
    // What nearly every page shows is one file: many small ones are packed worse.
    rolldownOptions: {
      output: { advancedChunks: { groups: [{ name: 'ui', test: /dashboard\/src\/ui\/(?!Chart|Code|Diff|Frame|Phone)/ }] } },
    }, outDir: '../../src/clarion/static/dashboard', emptyOutDir: true, target: 'es2022' },
})
