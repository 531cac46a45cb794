/**
 * A vite plugin that writes a brotli and a gzip copy beside every text asset, so that the server sends ready bytes and
 * never spends a core on compressing. Brotli 10: 6 % smaller than 9; 11 would save 1 % more for twice the time, which the
 * first start pays.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const textual = /\.(js|css|html|svg|json|txt|webmanifest)$/
/** Below this, the header of an encoded reply costs more than it saves. */
const sizeMinBytes = 1024

export function compressed(): Plugin {
  let outDir = ''
  return {
    name: 'strata-compressed',
    apply: 'build',
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir)
    },
    async closeBundle() {
      const names = await readdir(outDir, { recursive: true }).catch(() => [])
      await Promise.all(names.filter((name) => textual.test(name)).map((name) => compress(join(outDir, name))))
    },
  }
}

async function compress(path: string): Promise<void> {
  const bytes = await readFile(path)
  if (bytes.length < sizeMinBytes) return
  const params = { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(bytes, { params }),
    promisify(gzip)(bytes, { level: 9 }),
  ])
  await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)])
}
