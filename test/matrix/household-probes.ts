/** Probes of households: each customer of the matrix leads one alone. */
import type { EndpointName } from '../../src/contract/index.ts'
import { householdOf, type MatrixBank, relationLetters, relations } from './bank.ts'
import { customers, each, type Probe } from './probe.ts'

export const householdProbes = {
  readHousehold: customers(({ get }) =>
    each(async (relation) => {
      const { json } = await get(`/api/households/${householdOf(relation)}`)
      return json?.members?.[0]?.customerNo === relations[relation].customerNo
    }),
  ),
  readComposition: customers(({ get }) =>
    each(async (relation) => {
      const { json } = await get(`/api/households/${householdOf(relation)}/composition`)
      return json?.members?.[0]?.customerNo === relations[relation].customerNo
    }),
  ),
  listHouseholds: customers(async ({ get, bank }) => {
    await plantHouseholds(bank)
    const numbers = (await get('/api/households?limit=500')).json?.rows?.map(
      (row: { householdNo: string }) => row.householdNo,
    )
    return relationLetters.filter((relation) => numbers?.includes(householdOf(relation)))
  }),
  readHouseholdRecord: customers(async ({ get, bank }) => {
    await plantHouseholds(bank)
    return each(async (relation) => {
      const { json } = await get(`/api/households/${householdOf(relation)}/record`)
      return json?.members?.[0]?.customerNo === relations[relation].customerNo
    })
  }),
  openHousehold: customers(async ({ send, bank }) => {
    await bank.query('update household_member set to_day = from_day')
    const seen = await each(async (relation) => {
      const { customerNo } = relations[relation]
      const { json } = await send('POST', '/api/households', { head: customerNo, proof: '家庭服务协议' })
      return json?.members?.[0]?.customerNo === customerNo
    })
    await plantHouseholds(bank)
    return seen
  }),
  changeHousehold: customers(async ({ send, bank }) => {
    await plantHouseholds(bank)
    const seen = await each(async (relation) => {
      const change = { kind: 'withdrawConsent', customerNo: relations[relation].customerNo, reason: '来电' }
      const { json } = await send('POST', `/api/households/${householdOf(relation)}`, { version: 1, change })
      return json?.members?.[0]?.consentFrom === null
    })
    await plantHouseholds(bank)
    return seen
  }),
} satisfies Partial<Record<EndpointName, Probe>>

/** As the feed told them. */
async function plantHouseholds({ query }: MatrixBank): Promise<void> {
  await query('delete from household_act')
  await query(
    'delete from household_member m using household h where h.id = m.household_id and h.household_no like $1',
    ['HS%'],
  )
  await query(`delete from household where household_no like 'HS%'`)
  await query('update household set version = 1')
  await query(`update household_member set to_day = '2299-12-31', consent_from = from_day, consent_to = '2299-12-31'`)
}

/** An invitation and an act for each customer. */
export async function plantInvitations({ query }: MatrixBank): Promise<void> {
  await query(
    `insert into household_invitation (household_id, party_id, role, login_id, invited_on, until)
     select household_id, party_id, 'other', (select min(id) from login), '2026-10-31', '2026-11-30' from household_member
     on conflict do nothing`,
  )
  await query(
    `insert into household_act (household_id, act, party_id, login_id, day)
     select household_id, 'invite', party_id, (select min(id) from login), '2026-10-31' from household_member`,
  )
}
