/** Keys for programs: a table of them, and the dialog that makes one. */
import { useMutation } from '@tanstack/react-query'
import { Button, Form, Input, InputNumber, Modal, Popconfirm, Select } from 'antd'
import type { Output } from '../../src/contract/endpoint.ts'
import { createKey, type listKeys, revokeKey } from '../../src/contract/keys.ts'
import type { Permission } from '../../src/contract/permission.ts'
import { ask, queries } from '../api.ts'
import { useCopy } from '../language.ts'
import { Instant } from './figures.tsx'
import { closingOf, Once } from './once.tsx'
import { ProblemNote } from './problem.tsx'
import { actColumn, SmallTable } from './small-table.tsx'

type Key = Output<typeof listKeys>['rows'][number]

const lists = ['listKeys', 'listPrograms']
const readAgain = () => {
  for (const name of lists) queries.invalidateQueries({ queryKey: [name] })
}

export function KeyTable({ label, rows }: { label: string; rows: readonly Key[] }) {
  const copy = useCopy()
  const words = copy.profile
  const revoking = useMutation({
    mutationFn: (id: number) => ask(revokeKey, { params: { id } }),
    onSuccess: readAgain,
  })
  return (
    <>
      <ProblemNote failure={revoking.error} />
      <SmallTable<Key>
        label={label}
        rows={rows}
        keyOf={(key) => String(key.id)}
        empty={<p className="quiet">{words.noKeys}</p>}
        columns={[
          { key: 'name', title: words.keyName, dataIndex: 'name' },
          { key: 'state', title: copy.common.status, render: (_, key) => <KeyState state={key} /> },
          { key: 'scopes', title: copy.moreKeys.scopes, render: (_, key) => <Scopes scopes={key.scopes} /> },
          { key: 'created', title: words.created, render: (_, key) => <Instant at={key.createdAt} /> },
          { key: 'expires', title: words.expires, render: (_, key) => <Instant at={key.expiresAt} /> },
          {
            key: 'used',
            title: words.used,
            render: (_, key) => (key.usedAt ? <Instant at={key.usedAt} /> : words.never),
          },
          actColumn(
            (key) =>
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
          ),
        ]}
      />
    </>
  )
}

function Scopes({ scopes }: { scopes: readonly Permission[] | null }) {
  const copy = useCopy()
  if (scopes === null) return <span className="quiet">{copy.moreKeys.all}</span>
  return (
    <span className="row wrap-box">
      {scopes.map((scope) => (
        <span key={scope} className="tag">
          {copy.permissions[scope]}
        </span>
      ))}
    </span>
  )
}

function KeyState({ state }: { state: Key }) {
  const words = useCopy().profile
  if (state.revokedAt !== null) return <span className="tag">{words.revoked}</span>
  if (Date.parse(state.expiresAt) < Date.now()) return <span className="tag tag-warn">{words.expired}</span>
  return <span className="tag tag-good">{words.active}</span>
}

interface NewKeyProps {
  /** What a key may be given. */
  grantable: readonly Permission[]
  /** Name of the program it acts as; oneself without. */
  program?: string | undefined
  onClose: () => void
}

interface Wanted {
  name: string
  days: number
  scopes?: Permission[]
}

export function NewKey({ grantable, program, onClose }: NewKeyProps) {
  const copy = useCopy()
  const words = copy.profile
  const [form] = Form.useForm<Wanted>()
  const making = useMutation({
    mutationFn: ({ scopes = [], ...given }: Wanted) =>
      ask(createKey, { body: { ...given, ...(program && { program }), ...(scopes.length > 0 && { scopes }) } }),
    onSuccess: readAgain,
  })
  const token = making.data?.token
  return (
    <Modal
      open
      title={program ? copy.moreKeys.of(program) : words.newKey}
      {...closingOf(token !== undefined, onClose)}
      onOk={() => (token ? onClose() : form.submit())}
      okText={token ? copy.common.close : words.newKey}
      confirmLoading={making.isPending}
      width={480}
    >
      {making.isSuccess && token ? (
        <Once hint={words.token(making.variables.name)} secrets={[token]} label={words.newKey} />
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
          <Form.Item name="scopes" label={copy.moreKeys.scopes} extra={copy.moreKeys.scopesHint}>
            <Select<Permission[]>
              mode="multiple"
              placeholder={copy.moreKeys.all}
              options={grantable.map((value) => ({ value, label: copy.permissions[value] }))}
              optionFilterProp="label"
            />
          </Form.Item>
          <ProblemNote failure={making.error} />
        </Form>
      )}
    </Modal>
  )
}
