/** What the customers list loads before its first row, in bytes and files: sizes, which no neighbour on the machine moves. */
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { build, type Rolldown } from 'vite'
import { expect, test, vi } from 'vitest'

const root = join(import.meta.dirname, '..')
// Each area of the product adds about 1 KiB of its words, which are fetched whole.
const budgetKib = 304
/** Each waits for one of the six lines that a browser keeps to a server. */
const filesMax = 8
/** What start.ts asks for when the address is /customers, in Chinese. */
const loaded = [
  'web/start.ts',
  'web/main.tsx',
  'web/parts/shell.tsx',
  'web/pages/customers.tsx',
  'web/copy/zh-CN.ts',
  'antd/es/locale/zh_CN.js',
  'dayjs/locale/zh-cn.js',
]

test('the scripts of the first row stay within their budget', { timeout: 120_000 }, async () => {
  const chunks = await builtChunks()
  const first = withImports(
    chunks,
    loaded.map((path) => chunkOf(chunks, path)),
  )
  const bytes = [...first].reduce((sum, chunk) => sum + compressedBytes(chunk.code), 0)
  expect(Math.ceil(bytes / 1024), 'KiB').toBeLessThanOrEqual(budgetKib)
  expect(first.size, 'files').toBeLessThanOrEqual(filesMax)
  const packages = new Set([...first].flatMap((chunk) => chunk.moduleIds.flatMap(packageOf)))
  for (const heavy of ['zod', 'echarts', '@rc-component/table', '@rc-component/tree']) {
    expect(packages, 'packages of the first row').not.toContain(heavy)
  }
})

async function builtChunks(): Promise<Rolldown.OutputChunk[]> {
  // Else React is built as for development
  vi.stubEnv('NODE_ENV', 'production')
  const built = await build({
    configFile: join(root, 'web/vite.config.ts'),
    configLoader: 'native',
    logLevel: 'error',
    build: { write: false },
  })
  const { output } = built as Rolldown.RolldownOutput
  return output.filter((file) => file.type === 'chunk')
}

function chunkOf(chunks: readonly Rolldown.OutputChunk[], path: string): Rolldown.OutputChunk {
  const found =
    chunks.find((chunk) => chunk.facadeModuleId?.endsWith(path)) ??
    chunks.find((chunk) => chunk.moduleIds.some((id) => id.endsWith(path)))
  if (!found) throw new Error(`no script holds ${path}`)
  return found
}

/** The chunks and all that they import without being asked. */
function withImports(
  chunks: readonly Rolldown.OutputChunk[],
  roots: readonly Rolldown.OutputChunk[],
): Set<Rolldown.OutputChunk> {
  const found = new Set(roots)
  for (const chunk of found) {
    for (const name of chunk.imports) found.add(chunks.find(({ fileName }) => fileName === name)!)
  }
  return found
}

function compressedBytes(code: string): number {
  return brotliCompressSync(code, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }).length
}

/** 'antd' of '…/node_modules/antd/es/index.js'; nothing for our own files. */
function packageOf(id: string): string[] {
  const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1]
  return name === undefined ? [] : [name]
}
