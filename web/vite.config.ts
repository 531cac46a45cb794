/** How the page is built: hashed, immutable assets split by route, with .br and .gz beside each. `--outDir` says where. */
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { compressed } from './compressed.ts'

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), styledUnderPolicy(), compressed()],
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
 * What antd's libraries write so that the policy refuses it, and how it is written instead: styles of the scroll lock and
 * of measuring scroll bars without the nonce, and the watermark's as an attribute. Fails the build when one of them no
 * longer reads as it did.
 */
const nonce = `csp?.nonce ?? document.querySelector('meta[property="csp-nonce"]')?.nonce`
const rewritten: { file: RegExp; from: string; to: string }[] = [
  {
    file: /@rc-component\/util\/es\/Dom\/dynamicCSS\.js$/,
    from: 'if (csp?.nonce) {\n    styleNode.nonce = csp?.nonce;',
    to: `if (${nonce}) {\n    styleNode.nonce = ${nonce};`,
  },
  {
    file: /antd\/es\/watermark\/useWatermark\.js$/,
    from: "watermarkEle.setAttribute('style', getStyleStr({",
    to: 'watermarkEle.style.cssText = (getStyleStr({',
  },
]

function styledUnderPolicy(): Plugin {
  return {
    name: 'strata-styled-under-policy',
    transform(code, id) {
      const found = rewritten.find(({ file }) => file.test(id))
      if (!found) return undefined
      if (!code.includes(found.from)) throw new Error(`${id} writes styles in another way`)
      return { code: code.replace(found.from, found.to), map: null }
    },
  }
}
