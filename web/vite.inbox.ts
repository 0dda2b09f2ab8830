// `<clarion-inbox>` with all it needs in one module, served at `/static/clarion-inbox.js`, and the
// headless client alone (`--mode client`) at `/static/clarion-inbox-client.js`. `--mode npm` writes
// both for the npm package, where Lit is a dependency and what both need is there once.
import { defineConfig, type Plugin, type UserConfig } from 'vite'

const ELEMENT = { 'clarion-inbox': 'inbox/src/index.ts' }
const CLIENT = { 'clarion-inbox-client': 'inbox/src/client.ts' }
const output = { entryFileNames: '[name].js', chunkFileNames: 'shared-[hash].js' }

/** Styles are texts to a bundler: take their indentation away. */
const dense: Plugin = {
  name: 'dense-styles',
  transform: (code, id) => (id.endsWith('/styles.ts') ? code.replace(/\n\s+/g, '\n') : null),
}

function served(input: Record<string, string>, emptyOutDir: boolean): UserConfig {
  return {
    plugins: [dense],
    build: {
      outDir: '../src/clarion/static/inbox',
      emptyOutDir,
      target: 'es2022',
      modulePreload: false,
      // Not as a library: those are left with all their white space.
      rolldownOptions: {
        input,
        preserveEntrySignatures: 'strict',
        output: { ...output, format: 'es' },
      },
    },
  }
}

const packed: UserConfig = {
  build: {
    outDir: 'inbox/dist',
    emptyOutDir: true,
    target: 'es2022',
    minify: false,
    lib: { entry: { ...ELEMENT, ...CLIENT }, formats: ['es'] },
    rolldownOptions: { external: /^lit(\/|$)/, output },
  },
}

export default defineConfig(({ mode }) => {
  if (mode === 'npm') return packed
  return mode === 'client' ? served(CLIENT, false) : served(ELEMENT, true)
})
