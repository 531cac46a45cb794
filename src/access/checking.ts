/**
 * Who may check a proposal: a colleague whose post covers it, or who stands in for one while that one is away. Nobody
 * checks their own, nor what changes their own rights, whatever key, second sign-in or delegation they come by. Pure.
 */
import type { RefusalCode } from '../kit/refusal.ts'
import { holds, type UnitSet } from '../kit/unit-set.ts'

interface Identity {
  loginId: number
  /** Two sign-ins of one member of staff are one person. */
  staffId: number | null
}

export interface Checker extends Identity {
  byKey: boolean
  /** Where the person's own posts let them check this kind. */
  places: UnitSet
  /** Those for whom the person stands in today, with where they could check. */
  absent: readonly (Identity & { places: UnitSet })[]
}

export interface Checkable {
  unitId: number
  proposedBy: Identity
  /** Whose rights it changes. */
  concerns: Identity | null
}

/** The way in which it may be checked, or why not. */
export type Check = { may: true; inPlaceOf: number | null } | { may: false; why: RefusalCode }

export function checkOf(checker: Checker, proposal: Checkable): Check {
  if (checker.byKey) return { may: false, why: 'check_needs_person' }
  if (isTheirs(checker, proposal)) return { may: false, why: 'own_proposal' }
  if (holds(checker.places, proposal.unitId)) return { may: true, inPlaceOf: null }
  const covering = checker.absent.filter((one) => holds(one.places, proposal.unitId))
  const stand = covering.find((one) => !isTheirs(one, proposal))
  if (stand) return { may: true, inPlaceOf: stand.loginId }
  return { may: false, why: covering.length > 0 ? 'own_proposal' : 'permission_missing' }
}

function isTheirs(person: Identity, { proposedBy, concerns }: Checkable): boolean {
  return isSame(person, proposedBy) || (concerns !== null && isSame(person, concerns))
}

function isSame(a: Identity, b: Identity): boolean {
  return a.loginId === b.loginId || (a.staffId !== null && a.staffId === b.staffId)
}
