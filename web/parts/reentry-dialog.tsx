/** The dialog that asks who it is once more: by password, by a code, or by the bank's own sign-on. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Input, Modal, Segmented } from 'antd'
import { useEffect, useState } from 'react'
import { demoSignIns, readSession, reenter, startSingleSignOn } from '../../src/contract/session.ts'
import { addressOf, ask, reading } from '../api.ts'
import { useCopy } from '../language.ts'
import { provedChannel } from '../proved.ts'
import { type Me, useMe } from '../session.ts'
import { ProblemNote } from './problem.tsx'

type Way = 'password' | 'code'

export default function ReentryDialog({ onProved, onClose }: { onProved: (me: Me) => void; onClose: () => void }) {
  const words = useCopy().reentry
  const me = useMe()
  const bySso = me.origin === 'oidc'
  const ways: Way[] = [...(bySso ? [] : ['password' as const]), ...(me.hasSecondFactor ? ['code' as const] : [])]
  const [way, setWay] = useState<Way | undefined>(ways[0])
  const [typed, setTyped] = useState('')
  const demoPassword = useDemoPassword(me)
  const secret = typed || (way === 'password' ? demoPassword : '')
  const sending = useMutation({
    mutationFn: () => ask(reenter, { body: way === 'code' ? { code: secret } : { password: secret } }),
    onSuccess: onProved,
  })
  const submit = () => secret && sending.mutate()
  const field = {
    value: secret,
    onChange: (event: { target: { value: string } }) => setTyped(event.target.value),
    onPressEnter: submit,
    autoFocus: true,
    'aria-label': way === 'code' ? words.code : words.password,
    placeholder: way === 'code' ? words.code : words.password,
  }
  return (
    <Modal
      open
      title={words.title}
      okText={words.confirm}
      okButtonProps={{ disabled: !secret, hidden: way === undefined }}
      confirmLoading={sending.isPending}
      onOk={submit}
      onCancel={onClose}
      width={420}
      zIndex={1200}
    >
      <div className="stack">
        <p className="quiet">{words.hint}</p>
        {bySso && <BySingleSignOn onProved={onProved} />}
        {ways.length > 1 && (
          <Segmented<Way>
            value={way ?? 'password'}
            onChange={(chosen) => {
              setTyped('')
              setWay(chosen)
            }}
            options={[
              { value: 'password', label: words.byPassword },
              { value: 'code', label: words.byCode },
            ]}
            aria-label={words.by}
          />
        )}
        {way === 'password' && <Input.Password {...field} autoComplete="current-password" maxLength={200} />}
        {way === 'code' && <Input {...field} autoComplete="one-time-code" maxLength={40} />}
        <ProblemNote failure={sending.error} />
      </div>
    </Modal>
  )
}

/** In a window of its own, so that what was filled in here stays. */
function BySingleSignOn({ onProved }: { onProved: (me: Me) => void }) {
  const words = useCopy().reentry
  const [waiting, setWaiting] = useState(false)
  const looking = useMutation({
    mutationFn: () => ask(readSession),
    onSuccess: (me) => me.reenteredUntil !== null && onProved(me),
  })
  const { mutate } = looking
  useEffect(() => {
    const channel = new BroadcastChannel(provedChannel)
    channel.onmessage = () => mutate()
    return () => channel.close()
  }, [mutate])
  return (
    <>
      <Button
        block
        onClick={() => {
          setWaiting(true)
          window.open(addressOf(startSingleSignOn, { query: { to: '/proved', reenter: 'true' } }), 'strata-proof')
        }}
      >
        {words.singleSignOn}
      </Button>
      {waiting && <p className="quiet">{words.waiting}</p>}
      <ProblemNote failure={looking.error} />
    </>
  )
}

/** A person of the demo bank came by one click and knows no password. */
function useDemoPassword(me: Me): string {
  const logins = useQuery({ ...reading(demoSignIns), enabled: me.demo }).data?.logins
  return logins?.find((login) => login.name === me.name)?.password ?? ''
}
