/**
 * Files that came in over HTTP, loaded one after another whether or not anybody still waits for the answer. A file and
 * its ticket stay in the inbox until its account of rows is written, so that one that was received is loaded although
 * the server was stopped in between.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { everything } from '../db/database.ts'
import { tell } from '../jobs/queue.ts'
import { Refused } from '../kit/refusal.ts'
import { type FileAccount, loadFile } from '../nightly/requests.ts'
import type { Workplace } from '../nightly/workplace.ts'

interface Ticket {
  /** The bytes, in the inbox. */
  path: string
  feed: string
  /** The name that its sender gave it. */
  name: string
  /** Whose audit entry it will be. */
  by: string
  /** Where it came from, for the same. */
  address: string
  attempts: number
}

/** Somebody else, a command line, may load meanwhile. */
const busyRetryMs = 1000
/** A fault of the machine is worth another start of the server, not endless ones; then the file is put aside. */
const attemptsMax = 3
const closeMsMax = 5000
const ticketEnd = '.ticket.json'

export class Uploads {
  readonly #workplace: Workplace
  readonly inbox: string
  #last: Promise<unknown> = Promise.resolve()
  #closing = false

  constructor(workplace: Workplace) {
    this.#workplace = workplace
    this.inbox = join(workplace.config.home, 'inbox')
  }

  /** Takes over a received file. The account comes when its turn has come and it is loaded. */
  give(
    file: { path: string; name: string },
    asked: { feed: string; by: string; address: string },
  ): Promise<FileAccount> {
    const ticket: Ticket = { ...asked, path: file.path, name: file.name, attempts: 0 }
    write(ticket)
    return this.#enter(ticket)
  }

  /** Takes up what a server that was stopped had received. */
  resume(): void {
    if (!existsSync(this.inbox)) return
    for (const entry of readdirSync(this.inbox).filter((name) => name.endsWith(ticketEnd))) {
      const path = join(this.inbox, entry)
      const ticket = JSON.parse(readFileSync(path, 'utf8')) as Ticket
      if (!existsSync(ticket.path)) remove(ticket)
      else if (ticket.attempts >= attemptsMax) putAside(ticket)
      else this.#enter(ticket).catch(() => undefined)
    }
  }

  /** Lets the load under way end, for seconds; what is not loaded then is taken up at the next start. */
  async close(): Promise<void> {
    this.#closing = true
    const enough = new AbortController()
    await Promise.race([
      this.#last.catch(() => undefined),
      delay(closeMsMax, undefined, { signal: enough.signal, ref: false }).catch(() => undefined),
    ])
    enough.abort()
  }

  #enter(ticket: Ticket): Promise<FileAccount> {
    const told = this.#tell(ticket, 'queued')
    const loaded = this.#last.then(async () => {
      await told
      return this.#load(ticket)
    })
    this.#last = loaded.catch(() => undefined)
    return loaded
  }

  async #load(ticket: Ticket): Promise<FileAccount> {
    if (this.#closing) throw new Error('the server is stopping')
    write({ ...ticket, attempts: ticket.attempts + 1 })
    try {
      const account = await this.#whenFree(ticket)
      remove(ticket)
      return account
    } catch (error) {
      if (!this.#closing) {
        process.emitWarning(`${ticket.name} could not be loaded: ${String(error)}`)
        await this.#tell(ticket, 'failed')
      }
      throw error
    }
  }

  async #whenFree({ path, feed, name, by, address }: Ticket): Promise<FileAccount> {
    for (;;) {
      try {
        return await loadFile(this.#workplace, { path, feed, logicalName: name, by, address })
      } catch (error) {
        if (!(error instanceof Refused) || error.code !== 'load_busy' || this.#closing) throw error
        await delay(busyRetryMs)
      }
    }
  }

  async #tell({ feed, name }: Ticket, state: 'queued' | 'failed'): Promise<void> {
    await this.#workplace.db
      .withScope(everything, (trx) => tell(trx, 'load', { state, feed, file: name }))
      .catch(() => undefined)
  }
}

const ticketPath = (ticket: Ticket) => `${ticket.path}${ticketEnd}`

function write(ticket: Ticket): void {
  mkdirSync(join(ticket.path, '..'), { recursive: true, mode: 0o700 })
  const temporary = `${ticketPath(ticket)}.part`
  writeFileSync(temporary, JSON.stringify(ticket), { mode: 0o600 })
  renameSync(temporary, ticketPath(ticket))
}

/** Its bytes stay, and whoever runs the machine is told where. */
function putAside(ticket: Ticket): void {
  renameSync(ticketPath(ticket), `${ticket.path}.failed.json`)
  process.emitWarning(
    `${ticket.name} could not be loaded at ${ticket.attempts} starts and is left in ${ticket.path}: upload it again once the cause is mended`,
  )
}

function remove(ticket: Ticket): void {
  rmSync(ticketPath(ticket), { force: true })
  rmSync(ticket.path, { force: true })
}
