/** Signing in: by the bank's own sign-on or by name and password, then the steps that are left. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Alert, Button } from 'antd'
import { type ReactNode, useEffect, useState } from 'react'
import { queries } from '../api.ts'
import { switchLanguage, useCopy, useLanguage } from '../language.ts'
import { SignInForm } from '../parts/sign-in-form.tsx'
import { CodeStep, EnrolStep, PasswordStep } from '../parts/sign-in-steps.tsx'
import { type Me, sessionQuery } from '../session.ts'

export default function SignIn() {
  const copy = useCopy()
  const navigate = useNavigate()
  const { to, refused, ended } = useSearch({ from: '/sign-in' })
  const me = useQuery({ ...sessionQuery, enabled: false }).data
  // Of a password that an administrator gave: asked for again when a person sets their own
  const [typed, setTyped] = useState('')
  const step = me?.awaits ?? null
  const title = {
    none: copy.signIn.title,
    code: copy.entering.codeTitle,
    password: copy.entering.passwordTitle,
    enrol: copy.entering.enrolTitle,
  }[step ?? 'none']
  useEffect(() => {
    document.title = `${title} · ${copy.product}`
  }, [title, copy])
  const goOn = async (now: Me) => {
    // What somebody else read before
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] })
    queries.setQueryData(sessionQuery.queryKey, now)
    if (now.awaits === null) await navigate({ href: to ?? '/' })
  }
  return (
    <main className="sign-in">
      <Story />
      <section className="sign-in-form">
        <div className="sign-in-box">
          <Head title={title} />
          {refused !== undefined && (
            <Alert type="error" showIcon title={copy.entering.refused[refused] ?? copy.entering.refused.sso_failed} />
          )}
          {ended !== undefined && !me && <p className="note">{copy.entering.ended}</p>}
          {step === null && (
            <SignInForm
              to={to}
              onEntered={(now, password) => {
                setTyped(password)
                return goOn(now)
              }}
            />
          )}
          {step === 'code' && <CodeStep onDone={goOn} />}
          {step === 'password' && <PasswordStep typed={typed} onDone={goOn} />}
          {step === 'enrol' && <EnrolStep onDone={goOn} />}
        </div>
      </section>
    </main>
  )
}

function Head({ title }: { title: string }): ReactNode {
  const { copy, code } = useLanguage()
  return (
    <div className="sign-in-head">
      <h1>{title}</h1>
      <Button
        type="text"
        lang={code === 'en' ? 'zh-CN' : 'en'}
        onClick={() => switchLanguage(code === 'en' ? 'zh-CN' : 'en')}
      >
        {copy.otherLanguage}
      </Button>
    </div>
  )
}

function Story(): ReactNode {
  const copy = useCopy()
  return (
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
  )
}
