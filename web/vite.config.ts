/** How the page is built: hashed, immutable assets split by route, with .br and .gz beside each. `--outDir` says where. */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compressed } from './compressed.ts'

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), compressed()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // The policy is script-src 'self': nothing inline, no data: URLs
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1500,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:7300' } },
})
