/** `strata serve` as a process of its own over the benchmark's PostgreSQL, so that its memory can be told from ours. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Config } from '../src/config.ts'

export interface Served {
  address: string
  pid: number
  close(): Promise<void>
}

/** Starts it and waits for its address. Throws when it ends before that. `name`: what PostgreSQL calls its connections. */
export async function startServe(config: Config, name = 'strata'): Promise<Served> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url)), 'serve'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      LANG: 'C',
      PGAPPNAME: name,
      STRATA_HOME: config.home,
      STRATA_PORT: '0',
      STRATA_HOST: '127.0.0.1',
      STRATA_LOG_LEVEL: 'error',
      // One sign-in asks as fast as it can
      STRATA_ADDRESS_REQUESTS: '1000000',
      STRATA_PERSON_REQUESTS: '1000000',
      DATABASE_URL: config.databaseUrl,
      DATABASE_OWNER_URL: config.databaseOwnerUrl,
      DATABASE_DIRECT_URL: config.databaseDirectUrl,
    },
  })
  const address = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said)
      if (found) resolve(found[0])
    })
    child.once('exit', (code) => reject(new Error(`serve ended (${code}): ${said}`)))
  })
  return {
    address,
    pid: child.pid ?? 0,
    close: async () => {
      if (child.exitCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}
