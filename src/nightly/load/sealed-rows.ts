/** Rows whose numbers and personal facts are sealed on their way into the record: text in, text out, in any thread. */
import { type KeyMaterial, type Keys, keysFrom } from '../../access/keys.ts'
import { sealNumber } from '../../access/seal.ts'
import { last4 } from '../../access/show.ts'
import { copyText, type Staged } from './copy-text.ts'
import { type CustomerRow, partyRow } from './party-row.ts'

/** By party id. */
export type Wrapped = Map<string, Uint8Array>

interface AccountRow {
  account_id: string
  is_new: boolean
  account_no: string
  product_id: number
  currency: string
  unit_id: number
  opened_on: string | null
  closed_on: string | null
  matures_on: string | null
}

interface CardRow {
  card_no: string
  party_id: string
  account_id: string | null
  face: string
  issued_on: string | null
  closed_on: string | null
}

const rowsOf = {
  customer: (keys: Keys, row: CustomerRow, wrapped: Wrapped) =>
    partyRow(keys, row, bufferOf(wrapped.get(row.party_id))),
  account: (keys: Keys, row: AccountRow): Staged[] => [
    row.account_id,
    row.is_new,
    row.is_new ? keys.blindIndex('account', row.account_no) : null,
    row.is_new ? sealNumber(keys, 'account', row.account_no) : null,
    row.is_new ? last4(row.account_no) : null,
    row.product_id,
    row.currency,
    row.unit_id,
    row.opened_on,
    row.closed_on,
    row.matures_on,
  ],
  card: (keys: Keys, row: CardRow): Staged[] => [
    keys.blindIndex('card', row.card_no),
    sealNumber(keys, 'card', row.card_no),
    last4(row.card_no),
    row.party_id,
    row.account_id,
    row.face,
    row.issued_on,
    row.closed_on,
  ],
}

export type SealedNoun = keyof typeof rowsOf

export interface Batch {
  noun: SealedNoun
  /** Rows as JSON, one a line. */
  json: Uint8Array
  wrapped: Wrapped
  /** They go with each batch: a rotation of the master may begin between two. */
  keys: KeyMaterial
}

export interface SealedBatch {
  /** The same rows for COPY. */
  text: Uint8Array
  rows: number
}

/** Seals the rows of one batch. */
export function sealBatch({ noun, json, wrapped, keys: material }: Batch): SealedBatch {
  const keys = keysFrom(material)
  const seal = rowsOf[noun] as (keys: Keys, row: unknown, wrapped: Wrapped) => Staged[]
  const lines = bufferOf(json).toString('utf8').split('\n')
  const rows = lines.filter((line) => line !== '').map((line) => seal(keys, JSON.parse(line), wrapped))
  return { text: Buffer.from(copyText(rows)), rows: rows.length }
}

// What came from another thread is plain bytes.
function bufferOf(bytes: Uint8Array): Buffer
function bufferOf(bytes: Uint8Array | undefined): Buffer | undefined
function bufferOf(bytes: Uint8Array | undefined): Buffer | undefined {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
