/** What kind of sign-in it is, and how it stands. */
import type { UserKind, UserState } from '../../src/contract/users.ts'
import { useCopy } from '../language.ts'

const looks: Record<UserState, string> = { active: 'tag-good', locked: 'tag-bad', disabled: '', spent: 'tag-warn' }

export function StateTag({ state }: { state: UserState }) {
  return <span className={`tag ${looks[state]}`}>{useCopy().users.states[state]}</span>
}

/** Nothing for a person: that is what most are. */
export function KindTag({ kind }: { kind: UserKind }) {
  const words = useCopy().users
  if (kind === 'person') return null
  return <span className={kind === 'breakGlass' ? 'tag tag-warn' : 'tag'}>{words.kinds[kind]}</span>
}
