/** Tiers of the Czech clients on 1994-03-30, computed plainly from the original files: no code of the product. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

const firstDay = Date.UTC(1993, 11, 31) / 86_400_000
const lastDay = Date.UTC(1994, 2, 30) / 86_400_000
const bars = [
  { tier: 4, own: 8_000_000n, household: 6_500_000n },
  { tier: 3, own: 5_000_000n, household: 4_000_000n },
  { tier: 2, own: 3_000_000n, household: 2_400_000n },
]

function rows(text: string): string[][] {
  const [, ...lines] = text.trim().split(/\r?\n/)
  return lines.map((line) => line.split(';').map((cell) => cell.replace(/^"|"$/g, '')))
}

/** client_id → 1 silver, 2 gold, 3 platinum, 4 black. */
export function plainTiers(folder: string): Map<number, number> {
  const sums = new Map<string, bigint>()
  const transactions = gunzipSync(readFileSync(join(folder, 'trans_1993-01_1994-03.asc.gz'))).toString('latin1')
  for (const [, account = '', date = '', type, , amount = ''] of rows(transactions)) {
    const at =
      Date.UTC(1900 + Number(date.slice(0, 2)), Number(date.slice(2, 4)) - 1, Number(date.slice(4))) / 86_400_000
    if (at > lastDay) continue
    const [whole = '0', part = ''] = amount.split('.')
    const haler = BigInt(whole) * 100n + BigInt(part.padEnd(2, '0').slice(0, 2))
    const days = BigInt(lastDay - Math.max(at, firstDay) + 1)
    sums.set(account, (sums.get(account) ?? 0n) + (type === 'PRIJEM' ? haler : -haler) * days)
  }
  const disponents = rows(readFileSync(join(folder, 'disp.asc'), 'latin1'))
  const members = new Map<string, number>()
  for (const [, , account = ''] of disponents) members.set(account, (members.get(account) ?? 0) + 1)
  const tiers = new Map<number, number>()
  for (const [, client = '', account = '', type] of disponents) {
    const sum = sums.get(account) ?? 0n
    const own = type === 'OWNER' ? sum : 0n
    const heads = BigInt(members.get(account) ?? 1)
    const reached = bars.find((bar) => own >= bar.own * 90n || (heads >= 2n && sum >= bar.household * 90n * heads))
    tiers.set(Number(client), reached?.tier ?? 1)
  }
  return tiers
}
