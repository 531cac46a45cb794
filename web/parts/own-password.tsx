/** The dialog in which a person changes the own password. */
import { useMutation } from '@tanstack/react-query'
import { Alert, App, Form, Input, Modal } from 'antd'
import { changePassword } from '../../src/contract/session.ts'
import { ask, problemFrom } from '../api.ts'
import { useLanguage } from '../language.ts'
import { useMe } from '../session.ts'

interface Given {
  password: string
  newPassword: string
  again: string
}

export function OwnPassword({ onClose }: { onClose: () => void }) {
  const { copy, code } = useLanguage()
  const words = copy.profile
  const { name } = useMe()
  const { message } = App.useApp()
  const [form] = Form.useForm<Given>()
  const changing = useMutation({
    mutationFn: ({ password, newPassword }: Given) => ask(changePassword, { body: { password, newPassword } }),
    onSuccess: ({ sessionsEnded }) => {
      message.success(words.passwordChanged(sessionsEnded))
      onClose()
    },
  })
  const problem = changing.error && problemFrom(changing.error)
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
      <Form<Given> form={form} layout="vertical" requiredMark={false} onFinish={(given) => changing.mutate(given)}>
        {/* So that a password manager knows whose it is */}
        <input type="text" autoComplete="username" value={name} readOnly hidden />
        <Form.Item name="password" label={words.oldPassword} rules={[{ required: true, message: words.needed }]}>
          <Input.Password autoFocus autoComplete="current-password" maxLength={200} />
        </Form.Item>
        <Form.Item
          name="newPassword"
          label={words.newPassword}
          extra={words.passwordRule}
          rules={[{ required: true, message: words.needed }]}
        >
          <Input.Password autoComplete="new-password" maxLength={200} />
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
          <Input.Password autoComplete="new-password" maxLength={200} />
        </Form.Item>
        {problem && <Alert type="error" showIcon title={code === 'en' ? problem.detailEn : problem.detail} />}
      </Form>
    </Modal>
  )
}
