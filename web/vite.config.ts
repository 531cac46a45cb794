/** How the page is built: hashed, immutable assets split by route, with .br and .gz beside each. `--outDir` says where. */
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { compressed } from './compressed.ts'

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), nonceOnEveryStyle(), compressed()],
  // The server puts a new one into each page; src/api/static.ts knows this mark
  html: { cspNonce: 'STRATA-NONCE' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // The policy is script-src 'self': nothing inline, no data: URLs
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Else zod tries whether it may make functions out of text, which the policy forbids and reports
    rolldownOptions: { output: { banner: '(globalThis.__zod_globalConfig ??= {}).jitless = true;' } },
    chunkSizeWarningLimit: 1500,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:7300' } },
})

/**
 * antd hands its nonce to the styles of components, but its scroll lock and its measuring of scroll bars write styles
 * without one. Fails the build when the library no longer reads as it did.
 */
function nonceOnEveryStyle(): Plugin {
  const without = 'if (csp?.nonce) {\n    styleNode.nonce = csp?.nonce;'
  const nonce = `csp?.nonce ?? document.querySelector('meta[property="csp-nonce"]')?.nonce`
  return {
    name: 'strata-nonce',
    transform(code, id) {
      if (!/@rc-component\/util\/es\/Dom\/dynamicCSS\.js$/.test(id)) return undefined
      if (!code.includes(without)) throw new Error(`${id} writes styles in another way`)
      return { code: code.replace(without, `if (${nonce}) {\n    styleNode.nonce = ${nonce};`), map: null }
    },
  }
}
