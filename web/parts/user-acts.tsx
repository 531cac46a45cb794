/** What an administrator does to somebody's sign-in: lock, unlock, a new password, a lost second factor. */
import { KeyOutlined, LockOutlined, SafetyOutlined, UnlockOutlined } from '@ant-design/icons'
import { App, Button, Input, Modal } from 'antd'
import { useId, useState } from 'react'
import { reasonLengthMin } from '../../src/contract/common.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { lockUser, type readUser, resetPassword, takeSecondFactor, unlockUser } from '../../src/contract/users.ts'
import { ask, queries } from '../api.ts'
import { useCopy } from '../language.ts'
import { useMay, useMe } from '../session.ts'
import { isLongEnough, LengthHint } from './length-hint.tsx'
import { closingOf, Once } from './once.tsx'
import { Question } from './question.tsx'

type User = Output<typeof readUser>
type Act = 'lock' | 'unlock' | 'password' | 'factor'

export function UserActs({ user }: { user: User }) {
  const copy = useCopy()
  const words = copy.users
  const may = useMay()
  const me = useMe()
  const { message } = App.useApp()
  const [act, setAct] = useState<Act>()
  const [password, setPassword] = useState<string>()
  if (!may('users.manage')) return null
  if (me.name === user.name) return <p className="quiet">{words.own}</p>
  const hasPassword = user.kind === 'person' && !user.singleSignOn
  const done = (said: string) => {
    setAct(undefined)
    message.success(said)
    for (const name of ['readUser', 'listUsers']) queries.invalidateQueries({ queryKey: [name] })
  }
  const close = () => setAct(undefined)
  return (
    <div className="row">
      {user.state === 'locked' ? (
        <Button icon={<UnlockOutlined />} onClick={() => setAct('unlock')}>
          {words.unlock}
        </Button>
      ) : (
        <Button danger icon={<LockOutlined />} onClick={() => setAct('lock')}>
          {words.lock}
        </Button>
      )}
      {hasPassword && (
        <Button icon={<KeyOutlined />} onClick={() => setAct('password')}>
          {words.newPassword}
        </Button>
      )}
      {user.secondFactor && (
        <Button icon={<SafetyOutlined />} onClick={() => setAct('factor')}>
          {words.takeFactor}
        </Button>
      )}
      {act === 'lock' && <Lock user={user} onDone={() => done(words.locked)} onClose={close} />}
      {act === 'unlock' && (
        <Sure
          title={words.unlock}
          hint={words.unlockAsk}
          send={() => ask(unlockUser, { params: { id: user.id } })}
          onDone={() => done(words.unlocked)}
          onClose={close}
        />
      )}
      {act === 'password' && (
        <Sure
          title={words.newPassword}
          hint={words.newPasswordAsk}
          danger
          send={() => ask(resetPassword, { params: { id: user.id } })}
          onDone={(answer) => {
            setPassword(answer.password)
            done(words.newPassword)
          }}
          onClose={close}
        />
      )}
      {act === 'factor' && (
        <Sure
          title={words.takeFactor}
          hint={words.takeFactorAsk}
          danger
          send={() => ask(takeSecondFactor, { params: { id: user.id } })}
          onDone={() => done(words.factorTaken)}
          onClose={close}
        />
      )}
      {password && (
        <Modal
          open
          title={words.newPassword}
          okText={copy.common.close}
          onOk={() => setPassword(undefined)}
          {...closingOf(true, () => setPassword(undefined))}
        >
          <Once
            hint={words.passwordOnce(`${user.displayName} (${user.name})`)}
            secrets={[password]}
            label={words.newPassword}
          />
        </Modal>
      )}
    </div>
  )
}

function Lock({ user, onDone, onClose }: { user: User; onDone: () => void; onClose: () => void }) {
  const words = useCopy().users
  const [reason, setReason] = useState('')
  const hint = useId()
  return (
    <Question
      title={words.lockTitle(user.displayName)}
      okText={words.lock}
      danger
      ready={isLongEnough(reason, reasonLengthMin)}
      send={() => ask(lockUser, { params: { id: user.id }, body: { reason: reason.trim() } })}
      onDone={onDone}
      onClose={onClose}
    >
      {(submit) => (
        <>
          <p className="quiet">{words.lockHint}</p>
          <Input
            value={reason}
            onChange={({ target }) => setReason(target.value)}
            onPressEnter={submit}
            placeholder={words.reason}
            aria-label={words.reason}
            aria-describedby={hint}
            maxLength={500}
            autoFocus
          />
          <LengthHint id={hint} text={reason} lengthMin={reasonLengthMin} />
        </>
      )}
    </Question>
  )
}

interface SureProps<Answer> {
  title: string
  hint: string
  danger?: boolean
  send: () => Promise<Answer>
  onDone: (answer: Answer) => void
  onClose: () => void
}

function Sure<Answer>({ title, hint, danger = false, send, onDone, onClose }: SureProps<Answer>) {
  return (
    <Question title={title} okText={title} danger={danger} send={send} onDone={onDone} onClose={onClose}>
      {() => <p>{hint}</p>}
    </Question>
  )
}
