/**
 * Erasing a person. Approving it erases nobody in its own transaction: acts/erase.ts does that right after the commit,
 * because it waits for loads. What the checker reads says what there is by name and number, and no value of the person.
 */
import { sql } from 'kysely'
import type { EraseChange } from '../../contract/changes.ts'
import type { Trx } from '../../db/database.ts'
import { refuse } from '../../kit/refusal.ts'
import { soleAccounts } from '../erase.ts'
import type { Kind } from '../kind.ts'

export const eraseKind: Kind<EraseChange> = {
  prepare: async ({ trx }, { customerNo }) => {
    const found = await heldOf(trx, customerNo)
    if (!found) refuse('not_found', { what: `customer ${customerNo}`, whatZh: `客户 ${customerNo}` })
    if (found.isErased) refuse('already_erased', { customer: customerNo })
    if (found.kind !== 'person') refuse('erasure_needs_person', { customer: customerNo })
    const subject = `erasure of ${found.customerNo}`
    if (await isUnderWay(trx, subject)) refuse('erasure_under_way', { customer: customerNo })
    const { destroyed, kept, unitId } = found
    const none = Object.fromEntries(Object.keys(destroyed).map((name) => [name, name === 'facts' ? [] : 0]))
    return {
      subject,
      before: destroyed,
      after: { ...none, kept: { customerNo: found.customerNo, ...kept } },
      unitId,
      concernsId: null,
    }
  },

  apply: async () => {},
}

/** Approved and not carried out yet. */
async function isUnderWay(trx: Trx, subject: string): Promise<boolean> {
  const { rows } = await sql`select 1 from approval
    where kind = 'erase' and subject = ${subject} and status = 'approved' and used_at is null`.execute(trx)
  return rows.length > 0
}

interface Held {
  customerNo: string
  kind: 'person' | 'company'
  isErased: boolean
  unitId: number
  /** Facts by name, and how many of what else names the person. */
  destroyed: { facts: string[] } & Record<string, unknown>
  /** What the law makes the bank keep (docs: compliance officer). */
  kept: Record<string, number>
}

async function heldOf(trx: Trx, customerNo: string): Promise<Held | undefined> {
  const { rows } = await sql<Held>`select p.customer_no as "customerNo", p.kind, p.erased_at is not null as "isErased",
      p.unit_id as "unitId",
      json_build_object('facts', array_remove(array['name',
          case when p.sex is not null then 'sex' end, case when p.birth_on is not null then 'birthOn' end,
          case when p.region_code is not null then 'regionCode' end,
          case when p.occupation is not null then 'occupation' end,
          case when p.industry is not null then 'industry' end,
          case when p.annual_income_fen is not null then 'annualIncome' end,
          case when p.sealed is not null then 'sealed' end], null),
        'accountNumbers', (select count(*) from account
          where id in (${sql.raw(soleAccounts('p.id'))}) and no_last4 <> ''),
        'cardNumbers', (select count(*) from card where party_id = p.id and no_last4 <> ''),
        'otherIdentities', (select count(*) from external_identity where party_id = p.id),
        'companyContacts', (select count(*) from company_contact where party_id = p.id),
        'factEdits', (select count(*) from party_edit where party_id = p.id),
        'households', (select count(*) from household_member where party_id = p.id)) as destroyed,
      json_build_object(
        'accounts', (select count(distinct account_id) from account_owner where party_id = p.id),
        'tierChanges', (select count(*) from tier_change where party_id = p.id),
        'consents', (select count(*) from consent where party_id = p.id)) as kept
    from party p where p.id = (select party_id from customer where customer_no = ${customerNo}
      union select id from party where customer_no = ${customerNo})`.execute(trx)
  return rows[0]
}
