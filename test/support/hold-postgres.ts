/** For the tests of the launcher: starts the PostgreSQL of the home given, prints its process number, and stays. */
import { startPostgres } from '../../src/machine/postgres.ts'

const home = process.argv[2]
if (home && home !== '--look') {
  const server = await startPostgres({ home, say: () => undefined, careless: true })
  process.stdout.write(`${server.pid}\n`)
  process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)))
  setInterval(() => undefined, 60_000)
}
