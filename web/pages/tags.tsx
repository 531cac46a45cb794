/** The bank's tags: their words and colours, who uses them, how many customers have them. */
import { PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { App, Button, Checkbox, Input, Segmented, Select } from 'antd'
import { useState } from 'react'
import { editTag, listTags, makeTag, tagColours } from '../../src/contract/tags.ts'
import { ask, queries, reading } from '../api.ts'
import { countText } from '../figures.ts'
import { useCopy } from '../language.ts'
import { Field } from '../parts/field.tsx'
import { Page, Panel } from '../parts/page.tsx'
import { Question } from '../parts/question.tsx'
import { actColumn, SmallTable } from '../parts/small-table.tsx'
import { Answered, Nothing } from '../parts/state.tsx'
import { TagMark, type TagShown } from '../parts/tag-mark.tsx'

export default function TagsPage() {
  const words = useCopy().tags
  const [doing, setDoing] = useState<TagShown | 'make'>()
  const actions = [{ key: 'N', label: words.make, icon: <PlusOutlined />, primary: true, run: () => setDoing('make') }]
  return (
    <Page title={words.title} needs="tags.manage" aside={<span>{words.hint}</span>} actions={actions}>
      <TagTable onEdit={setDoing} />
      {doing && <TagDialog tag={doing === 'make' ? undefined : doing} onClose={() => setDoing(undefined)} />}
    </Page>
  )
}

function TagTable({ onEdit }: { onEdit: (tag: TagShown) => void }) {
  const words = useCopy().tags
  const tags = useQuery(reading(listTags))
  return (
    <Panel flush>
      <Answered query={tags}>
        {({ rows }) => (
          <SmallTable<TagShown>
            label={words.title}
            rows={rows}
            keyOf={(tag) => String(tag.id)}
            empty={<Nothing title={words.none} detail={words.noneDetail} />}
            columns={[
              {
                key: 'name',
                title: words.title,
                render: (_, tag) => (
                  <span className="tag-marks">
                    <TagMark tag={tag} />
                    {tag.retired && <span className="quiet">{words.retired}</span>}
                  </span>
                ),
              },
              {
                key: 'roles',
                title: words.roles,
                render: (_, tag) => tag.roles.join(', ') || <span className="quiet">{words.everyone}</span>,
              },
              {
                key: 'customers',
                title: words.customers,
                render: (_, tag) => (
                  <Link to="/customers" search={{ tag: String(tag.id) }} title={words.show}>
                    {countText(tag.customers ?? 0)}
                  </Link>
                ),
              },
              actColumn((tag) => (
                <Button size="small" onClick={() => onEdit(tag)}>
                  {words.edit}
                </Button>
              )),
            ]}
          />
        )}
      </Answered>
    </Panel>
  )
}

function TagDialog({ tag, onClose }: { tag: TagShown | undefined; onClose: () => void }) {
  const words = useCopy().tags
  const { message } = App.useApp()
  const [zh, setZh] = useState(tag?.zh ?? '')
  const [en, setEn] = useState(tag?.en ?? '')
  const [colour, setColour] = useState<TagShown['colour']>(tag?.colour ?? 'plain')
  const [roles, setRoles] = useState(tag?.roles ?? [])
  const [retired, setRetired] = useState(tag?.retired ?? false)
  const body = { zh: zh.trim(), en: en.trim() || null, colour, roles }
  return (
    <Question
      title={tag ? words.edit : words.make}
      okText={words.save}
      ready={zh.trim().length > 0}
      send={() =>
        tag
          ? ask(editTag, { params: { id: tag.id }, body: { ...body, retired, edition: tag.edition } })
          : ask(makeTag, { body })
      }
      onDone={() => {
        message.success(words.saved)
        queries.invalidateQueries()
        onClose()
      }}
      onClose={onClose}
    >
      {(submit) => (
        <>
          <Field name={words.zh}>
            <Input
              value={zh}
              maxLength={24}
              onChange={(event) => setZh(event.target.value)}
              onPressEnter={submit}
              aria-label={words.zh}
              autoFocus
            />
          </Field>
          <Field name={words.en}>
            <Input value={en} maxLength={24} onChange={(event) => setEn(event.target.value)} aria-label={words.en} />
          </Field>
          <Field name={words.colour}>
            <Segmented
              value={colour}
              onChange={setColour}
              aria-label={words.colour}
              options={tagColours.map((one) => ({
                value: one,
                label: <TagMark tag={{ zh: words.colours[one] ?? one, en: null, colour: one }} />,
              }))}
            />
          </Field>
          <Field name={words.roles}>
            <Select
              mode="tags"
              value={roles}
              onChange={setRoles}
              aria-label={words.roles}
              placeholder={words.rolesHint}
              style={{ width: '100%' }}
              open={false}
            />
          </Field>
          {tag && (
            <div>
              <Checkbox checked={retired} onChange={(event) => setRetired(event.target.checked)}>
                {words.retire}
              </Checkbox>
              <p className="quiet">{words.retireHint}</p>
            </div>
          )}
        </>
      )}
    </Question>
  )
}
