/** Sending a file into a feed: choose the feed, drop the file, read the account of its rows. */
import { InboxOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Alert, Button, Modal, Progress, Select, Upload } from 'antd'
import { useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { listFeeds, uploadFeed } from '../../src/contract/loads.ts'
import { problemFrom, queries, reading, sendFile } from '../api.ts'
import { countText, percentText } from '../figures.ts'
import { useLanguage } from '../language.ts'
import { ProblemNote } from './problem.tsx'
import { Running } from './running.tsx'

type Answer = Output<typeof uploadFeed>

interface UploadDialogProps {
  feed: string | undefined
  onClose: () => void
}

export function UploadDialog({ feed: first, onClose }: UploadDialogProps) {
  const { copy, code } = useLanguage()
  const words = copy.loads
  const feeds = useQuery(reading(listFeeds))
  const [feed, setFeed] = useState(first)
  const [sent, setSent] = useState<number | undefined>(undefined)
  const [answer, setAnswer] = useState<Answer | undefined>(undefined)
  const [failure, setFailure] = useState<unknown>(undefined)
  const [lost, setLost] = useState(false)
  const send = async (file: File) => {
    setSent(0)
    setFailure(undefined)
    setLost(false)
    let part = 0
    const onPart = (now: number) => {
      part = now
      setSent(now)
    }
    try {
      setAnswer(
        await sendFile(uploadFeed, { params: { feed: feed! }, query: { file: file.name, wait: 30 } }, file, onPart),
      )
      for (const name of ['listLoads', 'listFeeds', 'readQuality', 'mendFirst'])
        queries.invalidateQueries({ queryKey: [name] })
    } catch (refused) {
      setFailure(refused)
      setLost(part === 1 && problemFrom(refused).status === 0)
      queries.invalidateQueries({ queryKey: ['listLoads'] })
    }
    setSent(undefined)
  }
  return (
    <Modal open title={words.uploadTo} onCancel={onClose} footer={null} width={560} destroyOnHidden>
      <div className="stack">
        {answer ? (
          <Done answer={answer} onAgain={() => setAnswer(undefined)} onClose={onClose} />
        ) : (
          <>
            <Select
              value={feed as string}
              onChange={setFeed}
              showSearch={{ optionFilterProp: 'label' }}
              placeholder={words.chooseFeed}
              aria-label={words.chooseFeed}
              loading={feeds.isLoading}
              options={(feeds.data?.rows ?? []).map((one) => ({
                value: one.name,
                label: `${code === 'en' ? one.en : one.zh} · ${one.name}`,
              }))}
            />
            <ProblemNote failure={feeds.error} />
            <Upload.Dragger
              multiple={false}
              showUploadList={false}
              disabled={!feed || sent !== undefined}
              beforeUpload={(file) => {
                void send(file)
                return false
              }}
            >
              <p className="picture-icon">
                <InboxOutlined />
              </p>
              <p>{feed ? words.drop : words.chooseFeed}</p>
              <p className="quiet">{words.dropHint}</p>
            </Upload.Dragger>
            {sent !== undefined && (
              <div role="status">
                <Progress percent={Math.round(sent * 100)} size="small" status="active" aria-label={words.upload} />
                <span className="quiet">{sent < 1 ? words.sending(percentText(sent, 0)) : words.checking}</span>
                <Running only="loads" />
              </div>
            )}
            {failure !== undefined && <Refused failure={failure} />}
            {lost && <Alert type="info" showIcon title={words.lineLost} />}
          </>
        )}
      </div>
    </Modal>
  )
}

function Refused({ failure }: { failure: unknown }) {
  const { code } = useLanguage()
  const problem = problemFrom(failure)
  return (
    <Alert
      type="error"
      showIcon
      title={code === 'en' ? problem.titleEn : problem.title}
      description={code === 'en' ? problem.detailEn : problem.detail}
    />
  )
}

/** Received and not yet loaded: it goes on whether or not this dialog stays open. */
function UnderWay({ file, onAgain, onClose }: { file: string; onAgain: () => void; onClose: () => void }) {
  const { copy } = useLanguage()
  const words = copy.loads
  return (
    <>
      <Alert type="info" showIcon title={words.outcome.underWay} description={words.underWayHint(file)} />
      <div className="row">
        <Button type="primary" onClick={onClose}>
          {copy.common.close}
        </Button>
        <Button onClick={onAgain}>{words.another}</Button>
      </div>
    </>
  )
}

function Done({ answer, onAgain, onClose }: { answer: Answer; onAgain: () => void; onClose: () => void }) {
  const { copy } = useLanguage()
  const navigate = useNavigate()
  const words = copy.loads
  const { load, outcome, file } = answer
  if (!load) return <UnderWay file={file} onAgain={onAgain} onClose={onClose} />
  return (
    <>
      <Alert
        type={load.rowsQuarantined > 0 ? 'warning' : 'success'}
        showIcon
        title={words.outcome[outcome]}
        description={words.rowsBalance(
          countText(load.rowsRead),
          countText(load.rowsAccepted),
          countText(load.rowsQuarantined),
        )}
      />
      <div className="row">
        <Button
          type="primary"
          onClick={() => {
            onClose()
            navigate({ to: '/loads/$id', params: { id: String(load.id) } })
          }}
        >
          {words.openLoad}
        </Button>
        <Button onClick={onAgain}>{words.another}</Button>
      </div>
    </>
  )
}
