// `<clarion-inbox>` with all it needs in one module, served at `/static/clarion-inbox.js`, and the
// headless client alone at `/static/clarion-inbox-client.js`.
import { defineConfig } from 'vite'

export default defineConfig({
  build: {
    outDir: '../src/clarion/static/inbox',
    emptyOutDir: true,
    target: 'es2022',
    lib: {
      entry: { 'clarion-inbox': 'inbox/src/index.ts', 'clarion-inbox-client': 'inbox/src/client.ts' },
      formats: ['es'],
    },
    rolldownOptions: { output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' } },
  },
})
