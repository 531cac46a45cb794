/** The first step of signing in: the bank's own sign-on, name and password, and in a demo bank one click per role. */
import { BankOutlined, LockOutlined, UserOutlined } from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Divider, Form, Input } from 'antd'
import { useState } from 'react'
import { demoSignIns, signIn, signInWays, startSingleSignOn } from '../../src/contract/session.ts'
import { addressOf, ask, reading } from '../api.ts'
import { useLanguage } from '../language.ts'
import { labelOf, type Me } from '../session.ts'
import { ProblemNote } from './problem.tsx'

interface Credentials {
  name: string
  password: string
}

interface SignInFormProps {
  /** Where one wanted to go. */
  to: string | undefined
  onEntered: (me: Me, password: string) => Promise<void>
}

export function SignInForm({ to, onEntered }: SignInFormProps) {
  const { copy } = useLanguage()
  const words = copy.entering
  const ways = useQuery(reading(signInWays)).data
  const [form] = Form.useForm<Credentials>()
  const [byPassword, setByPassword] = useState(false)
  const entering = useMutation({
    mutationFn: (given: Credentials) => ask(signIn, { body: given }),
    onSuccess: (me, given) => onEntered(me, given.password),
  })
  const showForm = !ways || ways.password || byPassword
  return (
    <>
      {ways?.singleSignOn && (
        <Button
          type="primary"
          size="large"
          block
          icon={<BankOutlined />}
          href={addressOf(startSingleSignOn, { query: { to: to ?? '/' } })}
        >
          {words.singleSignOn}
        </Button>
      )}
      {ways?.singleSignOn && ways.password && <Divider plain>{words.or}</Divider>}
      {!showForm && (
        <>
          <p className="quiet">{words.passwordsOff}</p>
          <Button type="link" onClick={() => setByPassword(true)}>
            {words.usePassword}
          </Button>
        </>
      )}
      {showForm && (
        <>
          <ProblemNote failure={entering.error} />
          <Form form={form} layout="vertical" requiredMark={false} onFinish={(given) => entering.mutate(given)}>
            <Form.Item
              name="name"
              label={copy.signIn.name}
              rules={[{ required: true, message: copy.signIn.nameMissing }]}
            >
              <Input size="large" prefix={<UserOutlined />} autoComplete="username" autoFocus />
            </Form.Item>
            <Form.Item
              name="password"
              label={copy.signIn.password}
              rules={[{ required: true, message: copy.signIn.passwordMissing }]}
            >
              <Input.Password size="large" prefix={<LockOutlined />} autoComplete="current-password" />
            </Form.Item>
            <Button
              {...(ways?.singleSignOn ? {} : { type: 'primary' as const })}
              htmlType="submit"
              size="large"
              block
              loading={entering.isPending}
            >
              {copy.signIn.submit}
            </Button>
          </Form>
        </>
      )}
      <Demo
        waiting={entering.isPending}
        onChosen={(given) => {
          form.setFieldsValue(given)
          entering.mutate(given)
        }}
      />
    </>
  )
}

function Demo({ waiting, onChosen }: { waiting: boolean; onChosen: (given: Credentials) => void }) {
  const { copy, code } = useLanguage()
  const logins = useQuery(reading(demoSignIns)).data?.logins ?? []
  if (logins.length === 0) return null
  return (
    <div className="sign-in-demo">
      <h2>
        {copy.signIn.demoTitle} <small>{copy.signIn.demoHint}</small>
      </h2>
      <div className="chips">
        {logins.map(({ name, password, role, unit }) => (
          <button
            key={name}
            type="button"
            className="chip"
            disabled={waiting}
            onClick={() => onChosen({ name, password })}
          >
            <b>{labelOf(role, code)}</b>
            <span>{(code === 'en' && unit.nameEn) || unit.name}</span>
          </button>
        ))}
      </div>
    </div>
  )
}
