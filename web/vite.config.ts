/** How the page is built: hashed, immutable assets split by route, with .br and .gz beside each. `--outDir` says where. */
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { compressed } from './compressed.ts'

/**
 * What the list needs for its first row, in few files: else some 70 wait for the six lines of HTTP/1.1. Each takes along
 * what it imports and an earlier one has not taken.
 */
const firstPage = [
  { name: 'start', test: /web[\\/](start|first-answer|language-packs)\.ts$|vite[\\/]preload-helper/, priority: 4 },
  { name: 'main', test: /web[\\/]main\.tsx$/, priority: 3 },
  { name: 'desk', test: /web[\\/](parts[\\/]shell|pages[\\/]customers)\.tsx$/, priority: 2 },
  { name: 'zh', test: /web[\\/]copy[\\/]zh-CN\.ts$|locale[\\/](zh_CN|zh-cn)\.js$/, priority: 1 },
]

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), styledUnderPolicy(), fetchedAhead(), compressed()],
  // The server puts a new one into each page; src/api/static.ts knows this mark
  html: { cspNonce: 'STRATA-NONCE' },
  // The page reads the contract for addresses and types; only the server checks with it
  resolve: { alias: { zod: join(import.meta.dirname, 'unchecked.ts') } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // The policy is script-src 'self': nothing inline, no data: URLs
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: { groups: firstPage } } },
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

/** The browser fetches from the first line of the page what start.ts will ask for under nearly every address. */
function fetchedAhead(): Plugin {
  return {
    name: 'strata-fetched-ahead',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle = {} }) =>
        Object.values(bundle)
          .filter((file) => file.type === 'chunk' && ['main', 'desk'].includes(file.name))
          .map(({ fileName }) => ({
            tag: 'link',
            attrs: { rel: 'modulepreload', crossorigin: true, href: `/${fileName}` },
            injectTo: 'head',
          })),
    },
  }
}
