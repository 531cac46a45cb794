/** The policy of a scheme as the record has it. The shipped one is taken over the first time a scheme is used. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type pg from 'pg'
import { mustAgree, storedBaseCurrency } from '../db/base-currency.ts'
import type { Currency } from '../kit/currency.ts'
import type { Day } from '../kit/day.ts'
import { refuse } from '../kit/refusal.ts'
import { inForceFirst } from '../tiers/in-force.ts'
import type { Policy } from '../tiers/policy.ts'
import { parsePolicy } from '../tiers/policy-text.ts'

export interface StoredPolicy {
  id: number
  scheme: string
  version: number
  source: string
  sha256: string
  policy: Policy
}

export const schemeDefault = 'personal'

/**
 * The policy in force on `day`: the newest version whose `in_force_from` has come; the newest when none has. Refuses
 * `currency_differs` when it counts in another currency than the installation (`configured` before the first load).
 */
export async function policyInForce(
  pool: pg.Pool,
  scheme: string,
  day: Day,
  configured: Currency,
): Promise<StoredPolicy> {
  const base = (await storedBaseCurrency(pool)) ?? configured
  let found = await readInForce(pool, scheme, day)
  if (!found) {
    await seedPolicy(pool, scheme, base)
    found =
      (await readInForce(pool, scheme, day)) ??
      refuse('not_found', { what: `policy ${scheme}`, whatZh: `分级方案 ${scheme}` })
  }
  mustAgree(base, found.policy.currency, `policy ${scheme} version ${found.version}`)
  return found
}

/** A policy by its row. */
export async function policyById(pool: pg.Pool, id: number): Promise<StoredPolicy> {
  const found = await pool.query('select id, scheme, version, source, sha256 from policy where id = $1', [id])
  return found.rows[0] ? stored(found.rows[0]) : refuse('not_found', { what: `policy ${id}`, whatZh: `分级政策 ${id}` })
}

async function readInForce(pool: pg.Pool, scheme: string, day: Day): Promise<StoredPolicy | undefined> {
  const found = await pool.query(
    `select id, scheme, version, source, sha256 from policy
     where scheme = $1 and status <> 'draft'
     order by ${inForceFirst('$2')} limit 1`,
    [scheme, day],
  )
  return found.rows[0] ? stored(found.rows[0]) : undefined
}

function stored(row: Omit<StoredPolicy, 'policy'>): StoredPolicy {
  return { ...row, policy: parsePolicy(row.source) }
}

/** Takes the shipped policy of the scheme over; its bars are read in the bank's base currency. */
async function seedPolicy(pool: pg.Pool, scheme: string, baseCurrency: string): Promise<void> {
  const url = new URL(`../tiers/policies/${scheme}.yaml`, import.meta.url)
  if (!/^[a-z][a-zA-Z0-9]*$/.test(scheme) || !existsSync(url))
    refuse('not_found', { what: `policy ${scheme}`, whatZh: `分级方案 ${scheme}` })
  const text = readFileSync(url, 'utf8').replace(/currency: CNY\b/, `currency: ${baseCurrency}`)
  const policy = parsePolicy(text)
  await pool.query(
    `insert into policy (scheme, version, name, source, sha256, status, in_force_from, recorded_by)
     values ($1, 1, $2, $3, $4, 'inForce', '1900-01-01', 'strata') on conflict (scheme, version) do nothing`,
    [scheme, policy.name.zh, text, createHash('sha256').update(text).digest('hex')],
  )
}
