/** The second factor of the person signed in: its state, enrolling, recovery codes. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { App, Button, Form, Input, Modal, Popconfirm, QRCode } from 'antd'
import { useState } from 'react'
import {
  beginSecondFactor,
  confirmSecondFactor,
  readSecondFactor,
  removeSecondFactor,
  renewRecoveryCodes,
} from '../../src/contract/own-security.ts'
import { ask, queries, reading } from '../api.ts'
import { useCopy } from '../language.ts'
import { sessionQuery, useMe } from '../session.ts'
import { Instant } from './figures.tsx'
import { closingOf, Once } from './once.tsx'
import { Fact, Facts, Panel } from './page.tsx'
import { ProblemNote } from './problem.tsx'
import { Answered, Loading } from './state.tsx'

const fewCodes = 3

export function SecondFactorPanel() {
  const words = useCopy().mySecurity
  const me = useMe()
  const { message } = App.useApp()
  const state = useQuery(reading(readSecondFactor))
  const [enrolling, setEnrolling] = useState(false)
  const [codes, setCodes] = useState<readonly string[]>()
  const again = () => {
    queries.invalidateQueries({ queryKey: ['readSecondFactor'] })
    queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
  }
  const renewing = useMutation({
    mutationFn: () => ask(renewRecoveryCodes),
    onSuccess: ({ recoveryCodes }) => {
      setCodes(recoveryCodes)
      again()
    },
  })
  const removing = useMutation({
    mutationFn: () => ask(removeSecondFactor),
    onSuccess: () => {
      message.success(words.removed)
      again()
    },
  })
  return (
    <Panel title={words.factor}>
      <Answered query={state} rows={3}>
        {({ enrolledAt, needed, recoveryCodesLeft }) => (
          <div className="stack">
            <p className="quiet">{me.origin === 'oidc' ? words.bySso : words.why}</p>
            <Facts>
              <Fact name={words.factor}>
                <span className={enrolledAt ? 'tag tag-good' : 'tag'}>{enrolledAt ? words.on : words.off}</span>
              </Fact>
              {enrolledAt && (
                <>
                  <Fact name={words.since}>
                    <Instant at={enrolledAt} />
                  </Fact>
                  <Fact name={words.codesLeft}>{recoveryCodesLeft}</Fact>
                </>
              )}
            </Facts>
            {enrolledAt && recoveryCodesLeft < fewCodes && <p className="note note-warn">{words.fewCodes}</p>}
            {enrolledAt && needed && <p className="quiet">{words.needed}</p>}
            <ProblemNote failure={renewing.error ?? removing.error} />
            <div className="row">
              {enrolledAt ? (
                <>
                  <Popconfirm title={words.renew} description={words.renewAsk} onConfirm={() => renewing.mutate()}>
                    <Button loading={renewing.isPending}>{words.renew}</Button>
                  </Popconfirm>
                  <Popconfirm title={words.remove} description={words.removeAsk} onConfirm={() => removing.mutate()}>
                    <Button danger disabled={needed} loading={removing.isPending}>
                      {words.remove}
                    </Button>
                  </Popconfirm>
                </>
              ) : (
                <Button type="primary" onClick={() => setEnrolling(true)}>
                  {words.enrol}
                </Button>
              )}
            </div>
          </div>
        )}
      </Answered>
      {enrolling && (
        <Modal open title={words.enrolTitle} footer={null} onCancel={() => setEnrolling(false)} width={480}>
          <Enrol
            onEnrolled={(recoveryCodes) => {
              setEnrolling(false)
              setCodes(recoveryCodes)
              again()
            }}
          />
        </Modal>
      )}
      {codes && (
        <Modal
          open
          title={words.codesTitle}
          okText={words.codesSaved}
          onOk={() => setCodes(undefined)}
          {...closingOf(true, () => setCodes(undefined))}
          width={480}
        >
          <Once hint={words.codesHint} secrets={codes} label={words.codesTitle} />
        </Modal>
      )}
    </Panel>
  )
}

interface EnrolProps {
  /** With the recovery codes, which are shown to nobody again: called even when the form has gone meanwhile. */
  onEnrolled: (recoveryCodes: readonly string[]) => void
}

/** From the QR code to the first code. */
export function Enrol({ onEnrolled }: EnrolProps) {
  const words = useCopy().mySecurity
  // Asked once: each asking makes another secret
  const begun = useQuery({
    queryKey: ['beginSecondFactor'],
    queryFn: () => ask(beginSecondFactor),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  const confirming = useMutation({
    mutationFn: ({ code }: { code: string }) => ask(confirmSecondFactor, { body: { code } }),
    onSuccess: ({ recoveryCodes }) => onEnrolled(recoveryCodes),
  })
  if (begun.error) return <ProblemNote failure={begun.error} />
  if (!begun.data) return <Loading rows={4} />
  return (
    <div className="stack">
      <p>{words.scan}</p>
      <figure className="qr">
        <QRCode value={begun.data.uri} type="svg" size={176} bordered={false} aria-label={words.qr} />
      </figure>
      <p>{words.secret}</p>
      <code className="breakable secret">{begun.data.secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
      <Form<{ code: string }>
        layout="vertical"
        requiredMark={false}
        onFinish={({ code }) => confirming.mutate({ code: code.trim() })}
      >
        <Form.Item name="code" label={words.first} rules={[{ required: true, message: words.first }]}>
          <Input className="code-field" inputMode="numeric" autoComplete="one-time-code" maxLength={6} />
        </Form.Item>
        <ProblemNote failure={confirming.error} />
        <Button type="primary" htmlType="submit" block loading={confirming.isPending}>
          {words.confirm}
        </Button>
      </Form>
    </div>
  )
}
