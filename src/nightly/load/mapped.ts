/** A folder of a bank's own files, through a mapping: the feed files made of them, and what became of every row. */
import { createHash } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { readMapping } from '../../feeds/mapping.ts'
import { assert } from '../../kit/assert.ts'
import { type MappedFile, mappingText, runMapping } from '../../lake/map.ts'
import type { FileAccount, SourceRows } from './account.ts'
import { agreeOnCurrency } from './base-currency.ts'
import type { FileToLoad } from './load.ts'
import type { Session } from './session.ts'

export interface FilesToLoad {
  /** In the order of loading. */
  files: FileToLoad[]
  unnamed: string[]
  notes: string[]
  /** The rows of the bank's own files, from the accounts of `files` in the same order. */
  sourcesOf(accounts: readonly FileAccount[]): SourceRows[]
}

/** The files that a mapping makes out of a bank's own, in the folder of the session; what it has to report as notes. */
export async function mappedFiles(session: Session, dir: string, name: string): Promise<FilesToLoad> {
  const { workplace } = session
  workplace.report({ step: 'map', detail: name })
  const { text, file } = mappingText(name)
  const read = readMapping(text, file)
  await agreeOnCurrency(session, read.mapping.baseCurrency, file)
  const outDir = await mkdtemp(join(session.dir, 'mapped-'))
  const mapped = await runMapping({ engine: workplace.engine, read, dir, outDir })
  const sha256 = createHash('sha256').update(text).digest('hex')
  const files = mapped.files.map(({ feed, path, logicalName, format, source }) => ({
    feed,
    path,
    logicalName,
    format,
    mapping: { name: file, sha256, control: source?.control },
  }))
  const notes = mapped.consent ? [...mapped.notes, `consent: ${mapped.consent}`] : mapped.notes
  return { files, unnamed: mapped.unnamed, notes, sourcesOf: (accounts) => sourcesOf(mapped.files, accounts) }
}

function sourcesOf(files: readonly MappedFile[], accounts: readonly FileAccount[]): SourceRows[] {
  return files.flatMap((file, i) => {
    const account = accounts[i]
    if (!file.source || !account) return []
    const { file: name, rows, misshapen } = file.source
    const { merged, leftOut } = file.made
    const taken = account.status !== 'refused'
    const sum: SourceRows = {
      file: name,
      feed: file.feed.name,
      status: account.status,
      read: rows + misshapen,
      used: taken ? account.accepted : 0n,
      merged,
      leftOut,
      quarantined: taken ? account.quarantined : 0n,
      refused: taken ? 0n : file.rows + misshapen,
    }
    const told = sum.used + merged + leftOut.reduce((out, part) => out + part.rows, 0n) + sum.quarantined + sum.refused
    // What was loaded before was counted then: misshapen rows that came since are not in it.
    assert(account.status === 'already' || told === sum.read, `every row of ${name} is accounted for in ${sum.feed}`)
    return [sum]
  })
}
