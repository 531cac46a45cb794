/** The dialogs that make a person's sign-in and a program's. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { App, Form, Input, Modal, Segmented } from 'antd'
import { type ReactNode, useState } from 'react'
import { signInWays } from '../../src/contract/session.ts'
import { makePerson, makeProgram } from '../../src/contract/users.ts'
import { ask, queries, reading } from '../api.ts'
import { useCopy } from '../language.ts'
import { closingOf, Once } from './once.tsx'
import { ProblemNote } from './problem.tsx'
import { UnitSelect } from './unit-select.tsx'

const readAgain = () => {
  for (const name of ['listUsers', 'listPrograms']) queries.invalidateQueries({ queryKey: [name] })
}

interface PersonWanted {
  name: string
  displayName: string
  staff?: string
  way: 'password' | 'singleSignOn'
}

export function NewPerson({ onClose }: { onClose: () => void }) {
  const copy = useCopy()
  const words = copy.users
  const { message } = App.useApp()
  const ways = useQuery(reading(signInWays)).data
  const open = ways
    ? [...(ways.password ? ['password' as const] : []), ...(ways.singleSignOn ? ['singleSignOn' as const] : [])]
    : []
  const [form] = Form.useForm<PersonWanted>()
  const making = useMutation({
    mutationFn: ({ staff, way = open[0] ?? 'password', ...given }: PersonWanted) =>
      ask(makePerson, { body: { ...given, way, ...(staff?.trim() && { staff: staff.trim() }) } }),
    onSuccess: ({ password }) => {
      readAgain()
      message.success(words.made)
      if (password === null) onClose()
    },
  })
  const password = making.data?.password
  return (
    <Dialog title={words.make} making={making.isPending} done={Boolean(password)} form={form} onClose={onClose}>
      {making.isSuccess && password ? (
        <Once
          hint={words.passwordOnce(`${making.variables.displayName} (${making.variables.name})`)}
          secrets={[password]}
          label={words.newPassword}
        />
      ) : (
        <Form<PersonWanted>
          form={form}
          layout="vertical"
          requiredMark={false}
          onFinish={(given) => making.mutate(given)}
        >
          <p className="quiet form-hint">{words.makeHint}</p>
          <Name label={words.name} />
          <Form.Item
            name="displayName"
            label={words.displayName}
            extra={words.displayNameHint}
            rules={[{ required: true, message: copy.profile.needed }]}
          >
            <Input maxLength={80} />
          </Form.Item>
          <Form.Item name="staff" label={words.staff} extra={words.staffHint}>
            <Input maxLength={40} />
          </Form.Item>
          {open.length > 1 && (
            <Form.Item name="way" label={words.way} initialValue="password">
              <Segmented options={open.map((value) => ({ value, label: words.ways[value] }))} />
            </Form.Item>
          )}
          <ProblemNote failure={making.error} />
        </Form>
      )}
    </Dialog>
  )
}

interface ProgramWanted {
  name: string
  displayName: string
}

export function NewProgram({ onClose }: { onClose: () => void }) {
  const copy = useCopy()
  const words = copy.users
  const { message } = App.useApp()
  const [unit, setUnit] = useState<string>()
  const [form] = Form.useForm<ProgramWanted>()
  const making = useMutation({
    mutationFn: (given: ProgramWanted) => ask(makeProgram, { body: { ...given, unit: unit ?? '' } }),
    onSuccess: () => {
      readAgain()
      message.success(words.made)
      onClose()
    },
  })
  return (
    <Dialog
      title={words.makeProgram}
      making={making.isPending}
      done={false}
      form={form}
      onClose={onClose}
      ready={!!unit}
    >
      <Form<ProgramWanted>
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={(given) => making.mutate(given)}
      >
        <p className="quiet form-hint">{words.programHint}</p>
        <Name label={words.programName} />
        <Form.Item
          name="displayName"
          label={words.programLabel}
          rules={[{ required: true, message: copy.profile.needed }]}
        >
          <Input maxLength={80} />
        </Form.Item>
        <Form.Item label={words.unit}>
          <UnitSelect value={unit} onChange={setUnit} />
        </Form.Item>
        <ProblemNote failure={making.error} />
      </Form>
    </Dialog>
  )
}

function Name({ label }: { label: string }) {
  const words = useCopy().users
  return (
    <Form.Item
      name="name"
      label={label}
      extra={words.nameHint}
      rules={[{ required: true, pattern: /^[\p{L}\p{N}._@-]{2,80}$/u, message: words.nameHint }]}
    >
      <Input autoFocus maxLength={80} autoComplete="off" />
    </Form.Item>
  )
}

interface DialogProps {
  title: string
  making: boolean
  done: boolean
  ready?: boolean
  form: { submit: () => void }
  onClose: () => void
  children: ReactNode
}

function Dialog({ title, making, done, ready = true, form, onClose, children }: DialogProps) {
  const copy = useCopy()
  return (
    <Modal
      open
      title={title}
      {...closingOf(done, onClose)}
      onOk={() => (done ? onClose() : form.submit())}
      okText={done ? copy.common.close : title}
      okButtonProps={{ disabled: !ready }}
      confirmLoading={making}
      width={480}
    >
      {children}
    </Modal>
  )
}
