/** Dialogs about a household: opening one, and every change of it with its proof or reason. */
import { useNavigate } from '@tanstack/react-router'
import { App, Checkbox, Input, Select } from 'antd'
import { useState } from 'react'
import type { Checked, Output } from '../../src/contract/endpoint.ts'
import { householdRoleWords } from '../../src/contract/household-words.ts'
import {
  changeHousehold,
  householdRoles,
  openHousehold,
  type readHouseholdRecord,
} from '../../src/contract/households.ts'
import { ask, queries } from '../api.ts'
import { useCopy, useLanguage } from '../language.ts'
import { labelOf } from '../session.ts'
import { CustomerSelect } from './customer-select.tsx'
import { Field } from './field.tsx'
import { Note } from './note.tsx'
import { Question } from './question.tsx'

export type HouseholdShown = Output<typeof readHouseholdRecord>
type Change = Checked<typeof changeHousehold>['body']['change']
type Role = Extract<Change, { kind: 'role' }>['role']

/** Acts on one member or one invitation. */
export type MemberAct = Exclude<Change['kind'], 'invite' | 'split' | 'merge'>
export interface Doing {
  act: MemberAct
  customerNo: string
  name: string
  role: string
}

const proving: readonly MemberAct[] = ['join', 'consent']

/** `head`: who is known to lead it, from whose page it is opened. */
export function OpenHouseholdDialog({ head, onClose }: { head?: string; onClose: () => void }) {
  const words = useCopy().household
  const navigate = useNavigate()
  const { message } = App.useApp()
  const [chosen, setChosen] = useState(head)
  const [proof, setProof] = useState('')
  return (
    <Question
      title={words.open}
      okText={words.open}
      ready={chosen !== undefined && proof.trim() !== ''}
      send={() => ask(openHousehold, { body: { head: chosen ?? '', proof: proof.trim() } })}
      onDone={({ householdNo }) => {
        message.success(words.opened(householdNo))
        queries.invalidateQueries()
        navigate({ to: '/households/$no', params: { no: householdNo } })
      }}
      onClose={onClose}
    >
      {() => (
        <>
          <p className="quiet">{words.openHint}</p>
          {head === undefined && (
            <Field name={words.headOf}>
              <CustomerSelect label={words.headOf} kind="person" value={chosen} onChange={setChosen} />
            </Field>
          )}
          <Note value={proof} onChange={setProof} label={words.proof} />
        </>
      )}
    </Question>
  )
}

interface ChangeProps {
  household: HouseholdShown
  onClose: () => void
}

/** Sends a change of the household as it was read, and shows the one it speaks of then. */
function useChange({ household, onClose }: ChangeProps) {
  const words = useCopy().household
  const navigate = useNavigate()
  const { message } = App.useApp()
  const { householdNo, version } = household
  return {
    send: (change: Change) => ask(changeHousehold, { params: { no: householdNo }, body: { version, change } }),
    onDone: (after: HouseholdShown) => {
      message.success(words.done)
      queries.invalidateQueries()
      onClose()
      if (after.householdNo !== householdNo) navigate({ to: '/households/$no', params: { no: after.householdNo } })
    },
    onClose,
  }
}

export function MemberActDialog({ doing, ...props }: ChangeProps & { doing: Doing }) {
  const words = useCopy().household
  const { send, ...rest } = useChange(props)
  const { act, customerNo, name } = doing
  const [role, setRole] = useState<Role>(householdRoles.find(isRole) ?? 'other')
  const [text, setText] = useState('')
  const title = `${words.acts[act]} · ${name}`
  const change = (): Change => {
    if (act === 'role') return { kind: act, customerNo, role }
    if (act === 'join' || act === 'consent') return { kind: act, customerNo, proof: text.trim() }
    return { kind: act, customerNo, reason: text.trim() }
  }
  return (
    <Question
      title={title}
      okText={words.acts[act] ?? act}
      danger={act === 'leave' || act === 'withdrawConsent'}
      ready={act === 'role' || text.trim() !== ''}
      send={() => send(change())}
      {...rest}
    >
      {() =>
        act === 'role' ? (
          <RoleSelect value={role} onChange={setRole} />
        ) : (
          <Note value={text} onChange={setText} label={proving.includes(act) ? words.proof : words.reason} autoFocus />
        )
      }
    </Question>
  )
}

export function InviteDialog(props: ChangeProps) {
  const words = useCopy().household
  const { send, ...rest } = useChange(props)
  const [customerNo, setCustomerNo] = useState<string>()
  const [role, setRole] = useState<Role>('spouse')
  return (
    <Question
      title={words.invite}
      okText={words.invite}
      ready={customerNo !== undefined}
      send={() => send({ kind: 'invite', customerNo: customerNo ?? '', role })}
      {...rest}
    >
      {() => (
        <>
          <p className="quiet">{words.inviteHint}</p>
          <Field name={words.member}>
            <CustomerSelect label={words.member} kind="person" value={customerNo} onChange={setCustomerNo} />
          </Field>
          <RoleSelect value={role} onChange={setRole} />
        </>
      )}
    </Question>
  )
}

export function SplitDialog(props: ChangeProps) {
  const words = useCopy().household
  const { send, ...rest } = useChange(props)
  const [moving, setMoving] = useState<string[]>([])
  const [head, setHead] = useState<string>()
  const [reason, setReason] = useState('')
  const others = props.household.members.filter(({ isHead }) => !isHead)
  const lead = moving.find((one) => one === head) ?? moving[0]
  const optionsOf = (members: typeof others) =>
    members.map(({ customerNo, name }) => ({ value: customerNo, label: `${name}（${customerNo}）` }))
  return (
    <Question
      title={words.split}
      okText={words.split}
      ready={moving.length > 0 && reason.trim() !== ''}
      send={() => send({ kind: 'split', members: moving, head: lead ?? '', reason: reason.trim() })}
      {...rest}
    >
      {() => (
        <>
          <p className="quiet">{words.splitHint}</p>
          <Field name={words.splitWho}>
            <Checkbox.Group value={moving} onChange={setMoving} options={optionsOf(others)} className="stacked" />
          </Field>
          <Field name={words.splitHead}>
            <Select
              value={lead as string}
              onChange={setHead}
              aria-label={words.splitHead}
              placeholder={words.splitHead}
              options={optionsOf(others.filter(({ customerNo }) => moving.includes(customerNo)))}
              style={{ width: '100%' }}
            />
          </Field>
          <Note value={reason} onChange={setReason} label={words.reason} />
        </>
      )}
    </Question>
  )
}

export function MergeDialog(props: ChangeProps) {
  const words = useCopy().household
  const { send, ...rest } = useChange(props)
  const [into, setInto] = useState('')
  const [reason, setReason] = useState('')
  return (
    <Question
      title={words.merge}
      okText={words.merge}
      danger
      ready={into.trim() !== '' && reason.trim() !== ''}
      send={() => send({ kind: 'merge', into: into.trim(), reason: reason.trim() })}
      {...rest}
    >
      {() => (
        <>
          <p className="quiet">{words.mergeHint}</p>
          <Field name={words.mergeInto}>
            <Input
              value={into}
              maxLength={64}
              onChange={(event) => setInto(event.target.value)}
              aria-label={words.mergeInto}
              autoFocus
            />
          </Field>
          <Note value={reason} onChange={setReason} label={words.reason} />
        </>
      )}
    </Question>
  )
}

const isRole = (role: (typeof householdRoles)[number]): role is Role => role !== 'head'

function RoleSelect({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  const { copy, code } = useLanguage()
  const name = copy.customer.role
  return (
    <Field name={name}>
      <Select
        value={value}
        onChange={onChange}
        aria-label={name}
        options={householdRoles
          .filter(isRole)
          .map((role) => ({ value: role, label: labelOf(householdRoleWords[role], code) }))}
        style={{ width: '100%' }}
      />
    </Field>
  )
}
