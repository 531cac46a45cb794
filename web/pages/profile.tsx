/** The person signed in: rights, language, shortcuts, and keys for programs. */
import { KeyOutlined, LockOutlined } from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Alert, Button, Form, Input, InputNumber, Modal, Popconfirm, Segmented, Typography } from 'antd'
import { useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { createKey, listKeys, revokeKey } from '../../src/contract/keys.ts'
import { ask, problemFrom, queries, reading } from '../api.ts'
import { type LanguageCode, switchLanguage, useLanguage } from '../language.ts'
import { Instant } from '../parts/figures.tsx'
import { OwnPassword } from '../parts/own-password.tsx'
import { Fact, Facts, Page, Panel } from '../parts/page.tsx'
import { SmallTable } from '../parts/small-table.tsx'
import { Answered, Nothing } from '../parts/state.tsx'
import { useMay, useMe, usePosts } from '../session.ts'

type Key = Output<typeof listKeys>['rows'][number]

export default function Profile() {
  const { copy, code } = useLanguage()
  const words = copy.profile
  const me = useMe()
  const may = useMay()
  const posts = usePosts()
  const [making, setMaking] = useState(false)
  const [changing, setChanging] = useState(false)
  const actions = may('keys.own')
    ? [{ key: 'N', label: words.newKey, icon: <KeyOutlined />, run: () => setMaking(true) }]
    : []
  return (
    <Page title={words.title} actions={actions} aside={me.displayName}>
      <div className="grid">
        <div className="span-4 stack">
          <Panel
            title={words.who}
            extra={
              <Button size="small" icon={<LockOutlined />} onClick={() => setChanging(true)}>
                {words.changePassword}
              </Button>
            }
          >
            <Facts>
              <Fact name={words.name}>{me.name}</Fact>
              <Fact name={words.posts}>{posts.join('；')}</Fact>
              <Fact name={words.scope}>{words.scopes[me.customers]}</Fact>
              <Fact name={words.permissions}>
                <span className="row">
                  {me.permissions.map((permission) => (
                    <span key={permission} className="tag">
                      {copy.permissions[permission]}
                    </span>
                  ))}
                </span>
              </Fact>
              <Fact name={words.language}>
                <Segmented<LanguageCode>
                  value={code}
                  onChange={switchLanguage}
                  options={[
                    { value: 'zh-CN', label: '中文' },
                    { value: 'en', label: 'English' },
                  ]}
                  aria-label={words.language}
                />
              </Fact>
              <Fact name={words.version}>{me.version}</Fact>
            </Facts>
          </Panel>
          <Panel title={words.shortcuts}>
            <Facts>
              {words.keysList.map(([key, what]) => (
                <Fact key={key} name={<kbd>{key}</kbd>}>
                  {what}
                </Fact>
              ))}
            </Facts>
          </Panel>
        </div>
        <div className="span-8 stack">{may('keys.own') && <Keys />}</div>
      </div>
      {making && <NewKey onClose={() => setMaking(false)} />}
      {changing && <OwnPassword onClose={() => setChanging(false)} />}
    </Page>
  )
}

function Keys() {
  const { copy } = useLanguage()
  const words = copy.profile
  const keys = useQuery(reading(listKeys))
  const revoking = useMutation({
    mutationFn: (id: number) => ask(revokeKey, { params: { id } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['listKeys'] }),
  })
  return (
    <Panel
      title={words.keys}
      extra={
        <span className="quiet">
          {words.keysHint} <a href="/api/docs">{copy.shell.docs}</a>
        </span>
      }
      flush
    >
      <Answered query={keys}>
        {({ rows }) => (
          <SmallTable<Key>
            label={words.keys}
            rows={rows}
            keyOf={(key) => String(key.id)}
            empty={<Nothing title={words.noKeys} />}
            columns={[
              { key: 'name', title: words.keyName, dataIndex: 'name' },
              { key: 'login', title: words.name, dataIndex: 'login' },
              { key: 'state', title: copy.common.status, render: (_, key) => <KeyState state={key} /> },
              { key: 'created', title: words.created, render: (_, key) => <Instant at={key.createdAt} /> },
              { key: 'expires', title: words.expires, render: (_, key) => <Instant at={key.expiresAt} /> },
              {
                key: 'used',
                title: words.used,
                render: (_, key) => (key.usedAt ? <Instant at={key.usedAt} /> : words.never),
              },
              {
                key: 'revoke',
                title: '',
                render: (_, key) =>
                  key.revokedAt === null && (
                    <Popconfirm
                      title={words.revoke}
                      description={words.revokeAsk}
                      onConfirm={() => revoking.mutate(key.id)}
                    >
                      <Button size="small" danger>
                        {words.revoke}
                      </Button>
                    </Popconfirm>
                  ),
              },
            ]}
          />
        )}
      </Answered>
    </Panel>
  )
}

function KeyState({ state }: { state: Key }) {
  const words = useLanguage().copy.profile
  if (state.revokedAt !== null) return <span className="tag">{words.revoked}</span>
  if (Date.parse(state.expiresAt) < Date.now()) return <span className="tag tag-warn">{words.expired}</span>
  return <span className="tag tag-good">{words.active}</span>
}

function NewKey({ onClose }: { onClose: () => void }) {
  const { copy, code } = useLanguage()
  const words = copy.profile
  const [form] = Form.useForm<{ name: string; days: number }>()
  const making = useMutation({
    mutationFn: (given: { name: string; days: number }) => ask(createKey, { body: given }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['listKeys'] }),
  })
  const problem = making.error && problemFrom(making.error)
  const token = making.data?.token
  return (
    <Modal
      open
      title={words.newKey}
      onCancel={onClose}
      onOk={() => (token ? onClose() : form.submit())}
      okText={token ? copy.common.close : words.newKey}
      confirmLoading={making.isPending}
      width={460}
    >
      {token ? (
        <div className="stack">
          <Alert type="warning" showIcon title={words.token} />
          <Typography.Text copyable={{ text: token }} code className="breakable">
            {token}
          </Typography.Text>
        </div>
      ) : (
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ days: 90 }}
          onFinish={(given) => making.mutate(given)}
        >
          <Form.Item name="name" label={words.keyName} rules={[{ required: true, max: 80 }]}>
            <Input autoFocus maxLength={80} />
          </Form.Item>
          <Form.Item name="days" label={words.keyDays} rules={[{ required: true }]}>
            <InputNumber<number> min={1} max={366} precision={0} />
          </Form.Item>
          {problem && <Alert type="error" showIcon title={code === 'en' ? problem.detailEn : problem.detail} />}
        </Form>
      )}
    </Modal>
  )
}
