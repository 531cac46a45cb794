/** What people do about their own sign-in: password, second factor, sessions, keys. */
import { KeyOutlined, LockOutlined } from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import { App, Button, Popconfirm } from 'antd'
import { useState } from 'react'
import { listKeys } from '../../src/contract/keys.ts'
import { endOtherSessions, endOwnSession, listOwnSessions } from '../../src/contract/own-security.ts'
import { ask, queries, reading } from '../api.ts'
import { useCopy } from '../language.ts'
import { KeyTable, NewKey } from '../parts/keys.tsx'
import { OwnPassword } from '../parts/own-password.tsx'
import { Page, Panel } from '../parts/page.tsx'
import { ProblemNote } from '../parts/problem.tsx'
import { SecondFactorPanel } from '../parts/second-factor.tsx'
import { SessionTable } from '../parts/session-table.tsx'
import { Answered } from '../parts/state.tsx'
import { useMay, useMe } from '../session.ts'

export default function MySecurity() {
  const copy = useCopy()
  const words = copy.mySecurity
  const me = useMe()
  const may = useMay()
  const [making, setMaking] = useState(false)
  const [changing, setChanging] = useState(false)
  const actions = may('keys.own')
    ? [{ key: 'N', label: copy.profile.newKey, icon: <KeyOutlined />, run: () => setMaking(true) }]
    : []
  return (
    <Page title={words.title} actions={actions} aside={me.displayName}>
      <div className="grid">
        <div className="span-4 stack">
          <Panel title={words.password}>
            {me.origin === 'oidc' ? (
              <p className="quiet">{words.passwordBySso}</p>
            ) : (
              <Button icon={<LockOutlined />} onClick={() => setChanging(true)}>
                {copy.profile.changePassword}
              </Button>
            )}
          </Panel>
          <SecondFactorPanel />
        </div>
        <div className="span-8 stack">
          <Sessions />
          {may('keys.own') && <OwnKeys />}
        </div>
      </div>
      {making && <NewKey grantable={me.permissions} onClose={() => setMaking(false)} />}
      {changing && <OwnPassword onClose={() => setChanging(false)} />}
    </Page>
  )
}

function Sessions() {
  const copy = useCopy()
  const words = copy.mySecurity
  const { message } = App.useApp()
  const list = useQuery(reading(listOwnSessions))
  const again = () => queries.invalidateQueries({ queryKey: ['listOwnSessions'] })
  const endingOthers = useMutation({
    mutationFn: () => ask(endOtherSessions),
    onSuccess: ({ ended }) => {
      message.success(copy.sessions.ended(ended))
      again()
    },
  })
  const others = (list.data?.rows.length ?? 0) > 1
  return (
    <Panel
      title={words.sessions}
      extra={
        <Popconfirm title={words.endOthers} description={words.endOthersAsk} onConfirm={() => endingOthers.mutate()}>
          <Button size="small" disabled={!others} loading={endingOthers.isPending}>
            {words.endOthers}
          </Button>
        </Popconfirm>
      }
      flush
    >
      <ProblemNote failure={endingOthers.error} />
      <Answered query={list} rows={3}>
        {({ rows }) => (
          <SessionTable
            label={words.sessions}
            rows={rows}
            end={(id) => ask(endOwnSession, { params: { id } })}
            onEnded={again}
          />
        )}
      </Answered>
    </Panel>
  )
}

function OwnKeys() {
  const copy = useCopy()
  const { name } = useMe()
  const keys = useQuery(reading(listKeys, { query: { login: name } }))
  return (
    <Panel
      title={copy.mySecurity.keys}
      extra={
        <span className="quiet">
          {copy.profile.keysHint} <a href="/api/docs">{copy.shell.docs}</a>
        </span>
      }
      flush
    >
      <Answered query={keys} rows={3}>
        {({ rows }) => <KeyTable label={copy.mySecurity.keys} rows={rows} />}
      </Answered>
    </Panel>
  )
}
