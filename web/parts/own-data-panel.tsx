/** What the law gives a person: everything held on them as a file, and asking for erasure. */
import { DeleteOutlined, DownloadOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { Alert, App, Button, Form, Input, Modal, Segmented } from 'antd'
import { useState } from 'react'
import type { readCustomer } from '../../src/contract/customers.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { discloseCustomer, privacyReasonLengthMin, proposeErasure } from '../../src/contract/privacy.ts'
import { ask, download, queries } from '../api.ts'
import { useCopy } from '../language.ts'
import { useMay } from '../session.ts'
import { Panel } from './page.tsx'
import { ProblemNote } from './problem.tsx'

type Customer = Output<typeof readCustomer>

export function OwnDataPanel({ customer }: { customer: Customer }) {
  const words = useCopy().privacy
  const may = useMay()
  const [open, setOpen] = useState<'disclose' | 'erase'>()
  const mayErase = may('privacy.erase') && customer.kind === 'person' && customer.erasedAt === null
  if (!may('privacy.disclose') && !mayErase) return null
  const close = () => setOpen(undefined)
  return (
    <Panel title={words.ownData}>
      <div className="stack">
        {may('privacy.disclose') && (
          <div className="act-with-hint">
            <Button icon={<DownloadOutlined />} onClick={() => setOpen('disclose')}>
              {words.disclose}
            </Button>
            <span className="quiet">{words.discloseHint}</span>
          </div>
        )}
        {mayErase && (
          <div className="act-with-hint">
            <Button danger icon={<DeleteOutlined />} onClick={() => setOpen('erase')}>
              {words.erase}
            </Button>
            <span className="quiet">{words.eraseHint}</span>
          </div>
        )}
      </div>
      {open === 'disclose' && <DiscloseDialog no={customer.customerNo} onClose={close} />}
      {open === 'erase' && <EraseDialog customer={customer} onClose={close} />}
    </Panel>
  )
}

interface Disclosing {
  format: 'html' | 'json'
  language: 'zh' | 'en'
  reason: string
}

function DiscloseDialog({ no, onClose }: { no: string; onClose: () => void }) {
  const copy = useCopy()
  const words = copy.privacy
  const [form] = Form.useForm<Disclosing>()
  const making = useMutation({
    mutationFn: (given: Disclosing) =>
      download(discloseCustomer, { params: { no }, body: given }, `${no}.${given.format}`),
    onSuccess: onClose,
  })
  return (
    <Modal
      open
      title={words.disclose}
      onCancel={onClose}
      onOk={() => form.submit()}
      okText={words.save}
      confirmLoading={making.isPending}
      width={460}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ format: 'html', language: 'zh' }}
        onFinish={(given) => making.mutate(given)}
      >
        <Form.Item name="format" label={words.format}>
          <Segmented
            aria-label={words.format}
            options={(['html', 'json'] as const).map((value) => ({ value, label: words.formats[value] }))}
          />
        </Form.Item>
        <Form.Item name="language" label={words.forLanguage}>
          <Segmented
            aria-label={words.forLanguage}
            options={[
              { value: 'zh', label: '中文' },
              { value: 'en', label: 'English' },
            ]}
          />
        </Form.Item>
        <Form.Item
          name="reason"
          label={words.reason}
          rules={[{ required: true, min: privacyReasonLengthMin, max: 500 }]}
        >
          <Input.TextArea rows={2} maxLength={500} placeholder={words.reasonHint} />
        </Form.Item>
        <ProblemNote failure={making.error} />
      </Form>
    </Modal>
  )
}

function EraseDialog({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const copy = useCopy()
  const words = copy.privacy
  const { message } = App.useApp()
  const [form] = Form.useForm<{ reason: string; customerNo: string }>()
  const no = customer.customerNo
  const openAccounts = customer.accounts.filter((account) => account.closedOn === null).length
  const erasing = useMutation({
    mutationFn: (given: { reason: string; customerNo: string }) => ask(proposeErasure, { params: { no }, body: given }),
    onSuccess: () => {
      message.success(copy.approvals.sent)
      queries.invalidateQueries()
      onClose()
    },
  })
  return (
    <Modal
      open
      title={words.erase}
      onCancel={onClose}
      onOk={() => form.submit()}
      okText={copy.approvals.propose}
      okButtonProps={{ danger: true }}
      confirmLoading={erasing.isPending}
      width={460}
    >
      <div className="stack">
        <Alert type="warning" showIcon title={words.eraseHint} />
        {openAccounts > 0 && <Alert type="warning" showIcon title={words.eraseAccounts(openAccounts)} />}
        <Form form={form} layout="vertical" requiredMark={false} onFinish={(given) => erasing.mutate(given)}>
          <Form.Item
            name="reason"
            label={words.reason}
            rules={[{ required: true, min: privacyReasonLengthMin, max: 500 }]}
          >
            <Input.TextArea rows={2} maxLength={500} placeholder={words.reasonHint} />
          </Form.Item>
          <Form.Item
            name="customerNo"
            label={words.eraseAgain(no)}
            rules={[{ required: true, type: 'enum', enum: [no], message: words.eraseMismatch }]}
          >
            <Input autoComplete="off" />
          </Form.Item>
        </Form>
        <ProblemNote failure={erasing.error} />
      </div>
    </Modal>
  )
}
