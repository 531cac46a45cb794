/** Households as the rules say, in plain maps and without a database; written apart from src/desk/households. */
import type { HouseholdChange } from '../../src/desk/households/acts.ts'
import { addDays, type Day } from '../../src/kit/day.ts'

export interface ModelHousehold {
  /** Null: nobody is in it any more. */
  head: string | null
  members: Map<string, { role: string; consents: boolean }>
  invited: Map<string, { role: string; until: Day }>
}

export interface HouseholdModel {
  companies: Set<string>
  households: Map<string, ModelHousehold>
}

export const householdOf = ({ households }: HouseholdModel, customer: string): string | undefined =>
  [...households].find(([, { members }]) => members.has(customer))?.[0]

/** Every reason for which it cannot be done; without one it is done in the model. `split` goes to the number that `opened` gives. */
export function applyHouseholdChange(
  model: HouseholdModel,
  no: string,
  change: HouseholdChange,
  today: Day,
): { refusals: string[]; apply(opened: string): void } {
  const household = model.households.get(no)
  if (!household) throw new Error(`no household ${no}`)
  const { members, invited } = household
  const refusals = new Set<string>()
  const unless = (holds: boolean, code: string) => holds || refusals.add(code)
  unless(members.size > 0, 'household_closed')
  const free = (customer: string) => {
    unless(!model.companies.has(customer), 'household_person_only')
    unless(householdOf(model, customer) === undefined, 'household_member_taken')
  }
  const isMember = (customer: string) => unless(members.has(customer), 'household_member_missing')
  const stands = (customer: string) => {
    const invitation = invited.get(customer)
    unless(invitation !== undefined && today <= invitation.until, 'household_invitation_over')
  }
  let apply: (opened: string) => void
  switch (change.kind) {
    case 'invite': {
      const { customerNo, role } = change
      free(customerNo)
      const before = invited.get(customerNo)
      unless(before === undefined || before.until < today, 'household_invited')
      apply = () => invited.set(customerNo, { role, until: addDays(today, 30) })
      break
    }
    case 'join':
      free(change.customerNo)
      stands(change.customerNo)
      apply = () => {
        members.set(change.customerNo, { role: invited.get(change.customerNo)?.role ?? '', consents: true })
        invited.delete(change.customerNo)
      }
      break
    case 'decline':
    case 'withdraw':
      stands(change.customerNo)
      apply = () => invited.delete(change.customerNo)
      break
    case 'consent':
    case 'withdrawConsent': {
      const consents = change.kind === 'consent'
      isMember(change.customerNo)
      unless(members.get(change.customerNo)?.consents !== consents, 'household_consent_unchanged')
      apply = () => Object.assign(members.get(change.customerNo) ?? {}, { consents })
      break
    }
    case 'role':
      isMember(change.customerNo)
      unless(household.head !== change.customerNo, 'household_head_needed')
      apply = () => Object.assign(members.get(change.customerNo) ?? {}, { role: change.role })
      break
    case 'head':
      isMember(change.customerNo)
      apply = () => {
        for (const member of members.values()) if (member.role === 'head') member.role = 'other'
        Object.assign(members.get(change.customerNo) ?? {}, { role: 'head' })
        household.head = change.customerNo
      }
      break
    case 'leave':
      isMember(change.customerNo)
      unless(members.size === 1 || household.head !== change.customerNo, 'household_head_needed')
      apply = () => {
        members.delete(change.customerNo)
        if (members.size === 0) close(household)
      }
      break
    case 'split': {
      const leaving = [...new Set([...change.members, change.head])]
      for (const one of leaving) isMember(one)
      unless(leaving.length < members.size, 'household_split_whole')
      unless(!leaving.includes(household.head ?? ''), 'household_head_needed')
      apply = (opened) => {
        const moved = leaving.map((one) => [one, { ...members.get(one), ...(one === change.head && { role: 'head' }) }])
        for (const one of leaving) members.delete(one)
        model.households.set(opened, { head: change.head, members: new Map(moved as []), invited: new Map() })
      }
      break
    }
    case 'merge': {
      const into = model.households.get(change.into)
      unless(change.into !== no, 'household_same')
      unless((into?.members.size ?? 0) > 0, 'household_closed')
      apply = () => {
        for (const [one, { role }] of members)
          into?.members.set(one, { role: role === 'head' ? 'other' : role, consents: false })
        members.clear()
        close(household)
      }
    }
  }
  return { refusals: [...refusals], apply }
}

function close(household: ModelHousehold): void {
  household.head = null
  household.invited.clear()
}
