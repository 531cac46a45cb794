/** Changing the own password: the fields, and the dialog. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { App, Form, Input, Modal } from 'antd'
import { changePassword, signInWays } from '../../src/contract/session.ts'
import { ask, reading } from '../api.ts'
import { useCopy } from '../language.ts'
import { useMe } from '../session.ts'
import { ProblemNote } from './problem.tsx'

export interface PasswordsTyped {
  password?: string
  newPassword: string
  again: string
}

interface PasswordFieldsProps {
  /** Whose it is, for a password manager. */
  name: string
  askOld: boolean
  size?: 'large'
}

export function PasswordFields({ name, askOld, size }: PasswordFieldsProps) {
  const words = useCopy().profile
  const lengthMin = useQuery(reading(signInWays)).data?.passwordLengthMin ?? 12
  const look = { maxLength: 200, ...(size ? { size } : {}) }
  return (
    <>
      <input type="text" autoComplete="username" value={name} readOnly hidden />
      {askOld && (
        <Form.Item name="password" label={words.oldPassword} rules={[{ required: true, message: words.needed }]}>
          <Input.Password {...look} autoFocus autoComplete="current-password" />
        </Form.Item>
      )}
      <Form.Item
        name="newPassword"
        label={words.newPassword}
        extra={words.passwordRule(lengthMin)}
        rules={[{ required: true, message: words.needed }]}
      >
        <Input.Password {...look} autoFocus={!askOld} autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="again"
        label={words.passwordAgain}
        dependencies={['newPassword']}
        rules={[
          ({ getFieldValue }) => ({
            validator: (_, value) =>
              value === getFieldValue('newPassword') ? Promise.resolve() : Promise.reject(new Error(words.differs)),
          }),
        ]}
      >
        <Input.Password {...look} autoComplete="new-password" />
      </Form.Item>
    </>
  )
}

export function OwnPassword({ onClose }: { onClose: () => void }) {
  const words = useCopy().profile
  const { name } = useMe()
  const { message } = App.useApp()
  const [form] = Form.useForm<PasswordsTyped>()
  const changing = useMutation({
    mutationFn: ({ password = '', newPassword }: PasswordsTyped) =>
      ask(changePassword, { body: { password, newPassword } }),
    onSuccess: ({ sessionsEnded }) => {
      message.success(words.passwordChanged(sessionsEnded))
      onClose()
    },
  })
  return (
    <Modal
      open
      title={words.changePassword}
      onCancel={onClose}
      onOk={() => form.submit()}
      okText={words.changePassword}
      confirmLoading={changing.isPending}
      width={460}
    >
      <Form<PasswordsTyped>
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={(given) => changing.mutate(given)}
      >
        <PasswordFields name={name} askOld />
        <ProblemNote failure={changing.error} />
      </Form>
    </Modal>
  )
}
