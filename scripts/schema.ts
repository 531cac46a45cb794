/** `npm run schema`: writes sql/schema.sql and src/db/schema.ts from all migrations, on a throw-away PostgreSQL. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readCatalogue } from '../src/db/catalogue.ts'
import { openDatabase } from '../src/db/database.ts'
import { migrate } from '../src/db/migrate.ts'
import { startPostgres } from '../src/machine/postgres.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

/** The row types of a migrated database, as kysely-codegen writes them. */
export function writeRowTypes(ownerUrl: string, outFile: string): void {
  const program = join(root, 'node_modules/kysely-codegen/dist/cli/bin.js')
  const choices = ['--dialect', 'postgres', '--default-schema', 'public', '--include-pattern', 'public.*']
  // To match the type parsers of src/db/database.ts: int8 is a bigint there, dates and numerics are texts.
  const types = ['--type-mapping', '{"int8":"bigint"}', '--date-parser', 'string', '--numeric-parser', 'string']
  execFileSync(process.execPath, [program, '--url', ownerUrl, ...choices, ...types, '--out-file', outFile], {
    cwd: root,
  })
}

if (import.meta.main) {
  const home = mkdtempSync(join(tmpdir(), 'strata-schema-'))
  const server = await startPostgres({ home, say: () => undefined, careless: true })
  const db = openDatabase({ appUrl: server.databaseUrl, ownerUrl: server.databaseOwnerUrl })
  await migrate(db.owner, 'strata_app')
  writeFileSync(join(root, 'sql/schema.sql'), await readCatalogue(db.owner))
  writeRowTypes(server.databaseOwnerUrl, join(root, 'src/db/schema.ts'))
  await db.close()
  await server.stop()
  rmSync(home, { recursive: true, force: true })
  rmSync(server.folder, { recursive: true, force: true })
}
