/**
 * Every kind that needs two people: how its change is prepared and applied. A new kind is its change in
 * contract/changes.ts, its line in contract/approvals.ts, its file here, and an endpoint that calls `propose`.
 */
import type { ApprovalKind } from '../contract/approvals.ts'
import type { EraseChange, PolicyChange, RightsChange } from '../contract/changes.ts'
import type { Kind } from './kind.ts'
import { bulkRevealKind, type CountedReveal } from './kinds/bulk-reveal.ts'
import { eraseKind } from './kinds/erase.ts'
import { type CountedExport, exportKind } from './kinds/export.ts'
import { policyKind } from './kinds/policy.ts'
import { postKind } from './kinds/post.ts'
import { roleKind } from './kinds/role.ts'
import { unitKind } from './kinds/unit.ts'
import { wallKind } from './kinds/wall.ts'

export type Change = PolicyChange | RightsChange | CountedExport | CountedReveal | EraseChange

type ChangeOf<Name extends ApprovalKind> = Extract<Change, { kind: Name }>

const kinds: { [Name in ApprovalKind]: Kind<ChangeOf<Name>> } = {
  policy: policyKind,
  role: roleKind,
  post: postKind,
  wall: wallKind,
  unit: unitKind,
  export: exportKind,
  bulkReveal: bulkRevealKind,
  erase: eraseKind,
}

/** The kind of a change. */
export function kindOf(change: Change): Kind<Change> {
  return kinds[change.kind] as Kind<Change>
}

/** Those that a bank with a single administrator may change alone. */
export const aloneKinds: readonly ApprovalKind[] = ['role', 'post', 'wall', 'unit']
