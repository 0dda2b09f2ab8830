// `<clarion-inbox>` with all it needs in one module, served at `/static/clarion-inbox.js`, and the
// headless client alone (`--mode client`) at `/static/clarion-inbox-client.js`. `--mode npm` writes
// both for the npm package, where Lit is a dependency and what both need is there once.
import { defineConfig } from 'vite'

const ELEMENT = { 'clarion-inbox': 'inbox/src/index.ts' }
const CLIENT = { 'clarion-inbox-client': 'inbox/src/client.ts' }

export default defineConfig(({ mode }) => {
  const npm = mode === 'npm'
  return {
    build: {
      outDir: npm ? 'inbox/dist' : '../src/clarion/static/inbox',
      emptyOutDir: mode !== 'client',
      target: 'es2022',
      minify: npm ? false : 'oxc',
      lib: {
        entry: npm ? { ...ELEMENT, ...CLIENT } : mode === 'client' ? CLIENT : ELEMENT,
        formats: ['es'],
      },
      rolldownOptions: {
        ...(npm && { external: /^lit(\/|$)/ }),
        output: { entryFileNames: '[name].js', chunkFileNames: 'shared-[hash].js' },
      },
    },
  }
})
