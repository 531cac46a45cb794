/** What is left of signing in after name and password: the code, a password of one's own, a second factor to enrol. */
import { SafetyOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { Button, Form, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import { changePassword, enterCode, readSession, signOut } from '../../src/contract/session.ts'
import { ask } from '../api.ts'
import { useCopy } from '../language.ts'
import { leaveFor, type Me, useMe } from '../session.ts'
import { Once } from './once.tsx'
import { PasswordFields, type PasswordsTyped } from './own-password.tsx'
import { ProblemNote } from './problem.tsx'
import { Enrol } from './second-factor.tsx'

interface StepProps {
  onDone: (me: Me) => Promise<void>
}

export function CodeStep({ onDone }: StepProps) {
  const words = useCopy().entering
  const [recovery, setRecovery] = useState(false)
  const [form] = Form.useForm<{ code: string }>()
  const entering = useMutation({
    mutationFn: ({ code }: { code: string }) => ask(enterCode, { body: { code } }),
    onSuccess: onDone,
  })
  return (
    <>
      <p className="quiet">{recovery ? words.recoveryHint : words.codeHint}</p>
      <ProblemNote failure={entering.error} />
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(given) => entering.mutate(given)}>
        <Form.Item
          key={recovery ? 'recovery' : 'code'}
          name="code"
          label={recovery ? words.recovery : words.code}
          rules={[{ required: true, min: 6, message: words.codeMissing }]}
        >
          <Input
            size="large"
            className="code-field"
            prefix={<SafetyOutlined />}
            autoFocus
            {...(recovery
              ? { maxLength: 40 }
              : { inputMode: 'numeric' as const, autoComplete: 'one-time-code', maxLength: 6 })}
          />
        </Form.Item>
        <Button type="primary" htmlType="submit" size="large" block loading={entering.isPending}>
          {words.check}
        </Button>
      </Form>
      <Ways>
        <Button
          type="link"
          onClick={() => {
            form.resetFields()
            setRecovery(!recovery)
          }}
        >
          {recovery ? words.useCode : words.useRecovery}
        </Button>
      </Ways>
    </>
  )
}

export function PasswordStep({ typed, onDone }: StepProps & { typed: string }) {
  const words = useCopy().entering
  const { name } = useMe()
  const changing = useMutation({
    mutationFn: async ({ password, newPassword }: PasswordsTyped) => {
      await ask(changePassword, { body: { password: password ?? typed, newPassword } })
      return ask(readSession)
    },
    onSuccess: onDone,
  })
  return (
    <>
      <p className="quiet">{words.passwordHint}</p>
      <ProblemNote failure={changing.error} />
      <Form<PasswordsTyped> layout="vertical" requiredMark={false} onFinish={(given) => changing.mutate(given)}>
        <PasswordFields name={name} askOld={typed === ''} size="large" />
        <Button type="primary" htmlType="submit" size="large" block loading={changing.isPending}>
          {words.setPassword}
        </Button>
      </Form>
      <Ways />
    </>
  )
}

export function EnrolStep({ onDone }: StepProps) {
  const copy = useCopy()
  const words = copy.entering
  const [codes, setCodes] = useState<readonly string[]>()
  const goingOn = useMutation({ mutationFn: () => ask(readSession), onSuccess: onDone })
  if (codes) {
    return (
      <div className="stack">
        <Once hint={copy.mySecurity.codesHint} secrets={codes} label={copy.mySecurity.codesTitle} />
        <ProblemNote failure={goingOn.error} />
        <Button type="primary" block loading={goingOn.isPending} onClick={() => goingOn.mutate()}>
          {words.goOn}
        </Button>
      </div>
    )
  }
  return (
    <>
      <p className="quiet">{words.enrolHint}</p>
      <Enrol onEnrolled={setCodes} />
      <Ways />
    </>
  )
}

/** Other ways on from here; signing out is always one. */
function Ways({ children }: { children?: ReactNode }) {
  const words = useCopy().entering
  const leaving = useMutation({
    mutationFn: () => ask(signOut),
    onSettled: (answer) => leaveFor(answer?.leaveBy ?? '/sign-in'),
  })
  return (
    <div className="sign-in-ways">
      {children}
      <Button type="link" onClick={() => leaving.mutate()}>
        {words.other}
      </Button>
    </div>
  )
}
