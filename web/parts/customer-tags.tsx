/** The tags of one customer beside the name, and the dialog that changes them. */
import { TagOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { App, Button, Select } from 'antd'
import { useState } from 'react'
import { readCustomerTags, tagCustomer } from '../../src/contract/tags.ts'
import { ask, queries, reading } from '../api.ts'
import { useCopy } from '../language.ts'
import { useMay } from '../session.ts'
import { Question } from './question.tsx'
import { TagMark, useTagName, useTags } from './tag-mark.tsx'

export function CustomerTags({ no, erased }: { no: string; erased: boolean }) {
  const words = useCopy().tags
  const may = useMay()
  const tags = useTags()
  const has = useQuery(reading(readCustomerTags, { params: { no } })).data?.tags ?? []
  const [changing, setChanging] = useState(false)
  return (
    <span className="tag-marks">
      {has.map(({ id, by }) => {
        const tag = tags.find((one) => one.id === id)
        return tag && <TagMark key={id} tag={tag} title={words.putBy(by)} />
      })}
      {may('tags.use') && !erased && tags.some((tag) => tag.may || tag.retired) && (
        <Button
          size="small"
          type="text"
          icon={<TagOutlined />}
          aria-label={words.change}
          title={words.change}
          onClick={() => setChanging(true)}
        />
      )}
      {changing && <TagsDialog no={no} has={has.map(({ id }) => id)} onClose={() => setChanging(false)} />}
    </span>
  )
}

function TagsDialog({ no, has, onClose }: { no: string; has: number[]; onClose: () => void }) {
  const words = useCopy().tags
  const { message } = App.useApp()
  const tags = useTags()
  const name = useTagName()
  const [chosen, setChosen] = useState(has)
  const put = chosen.filter((id) => !has.includes(id))
  const take = has.filter((id) => !chosen.includes(id))
  const offered = tags.filter((tag) => tag.may || has.includes(tag.id))
  return (
    <Question
      title={words.change}
      okText={words.save}
      ready={put.length + take.length > 0}
      send={() => ask(tagCustomer, { params: { no }, body: { put, take } })}
      onDone={({ changed }) => {
        message.success(words.changed(changed))
        queries.invalidateQueries({ predicate: ({ queryKey }) => tagged.has(String(queryKey[0])) })
        onClose()
      }}
      onClose={onClose}
    >
      {() => (
        <Select
          mode="multiple"
          value={chosen}
          onChange={setChosen}
          placeholder={words.choose}
          aria-label={words.title}
          optionFilterProp="label"
          style={{ width: '100%' }}
          options={offered.map((tag) => ({ value: tag.id, label: name(tag) }))}
        />
      )}
    </Question>
  )
}

const tagged = new Set(['readCustomerTags', 'listCustomers', 'countCustomers', 'listTags'])
