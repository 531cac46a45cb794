/** Signing in: name and password, and in a demo bank one click per role. */
import { LockOutlined, UserOutlined } from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Alert, Button, Form, Input } from 'antd'
import { useEffect } from 'react'
import { demoSignIns, signIn } from '../../src/contract/session.ts'
import { ask, problemFrom, queries, reading } from '../api.ts'
import { switchLanguage, useLanguage } from '../language.ts'
import { labelOf, sessionQuery } from '../session.ts'

interface Credentials {
  name: string
  password: string
}

export default function SignIn() {
  const { copy, code } = useLanguage()
  const navigate = useNavigate()
  const { to } = useSearch({ from: '/sign-in' })
  const demo = useQuery(reading(demoSignIns))
  const [form] = Form.useForm<Credentials>()
  const entering = useMutation({
    mutationFn: (given: Credentials) => ask(signIn, { body: given }),
    onSuccess: async (me) => {
      queries.clear()
      queries.setQueryData(sessionQuery.queryKey, me)
      await navigate({ href: to ?? '/' })
    },
  })
  useEffect(() => {
    document.title = `${copy.signIn.title} · ${copy.product}`
  }, [copy])
  const problem = entering.error && problemFrom(entering.error)
  const logins = demo.data?.logins ?? []
  return (
    <main className="sign-in">
      <section className="sign-in-story">
        <div className="sign-in-brand">
          <img src="/icon.svg" alt="" width={36} height={36} /> Strata
        </div>
        <p className="sign-in-promise">{copy.signIn.promise}</p>
        <ul>
          {copy.signIn.points.map((point) => (
            <li key={point}>{point}</li>
          ))}
        </ul>
      </section>
      <section className="sign-in-form">
        <div className="sign-in-box">
          <div className="sign-in-head">
            <h1>{copy.signIn.title}</h1>
            <Button
              type="text"
              lang={code === 'en' ? 'zh-CN' : 'en'}
              onClick={() => switchLanguage(code === 'en' ? 'zh-CN' : 'en')}
            >
              {copy.otherLanguage}
            </Button>
          </div>
          {problem && <Alert type="error" showIcon title={code === 'en' ? problem.detailEn : problem.detail} />}
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
            <Button type="primary" htmlType="submit" size="large" block loading={entering.isPending}>
              {copy.signIn.submit}
            </Button>
          </Form>
          {logins.length > 0 && (
            <div className="sign-in-demo">
              <h2>
                {copy.signIn.demoTitle} <small>{copy.signIn.demoHint}</small>
              </h2>
              <div className="chips">
                {logins.map((login) => (
                  <button
                    key={login.name}
                    type="button"
                    className="chip"
                    disabled={entering.isPending}
                    onClick={() => {
                      form.setFieldsValue({ name: login.name, password: login.password })
                      entering.mutate({ name: login.name, password: login.password })
                    }}
                  >
                    <b>{labelOf(login.role, code)}</b>
                    <span>{login.unit.name}</span>
                  </button>
                ))}
              </div>
            </div>
          )}
        </div>
      </section>
    </main>
  )
}
