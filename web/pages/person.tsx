/** The report on one person's rights, as it is printed for the yearly review. */

import { ArrowLeftOutlined, CheckOutlined, EyeOutlined, PrinterOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { App, Button } from 'antd'
import { useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { readPerson, reviewPerson } from '../../src/contract/sight.ts'
import { ask, queries, reading } from '../api.ts'
import { countText, sinceEver } from '../figures.ts'
import { useCopy, useLanguage } from '../language.ts'
import { EditRights, ReadRights } from '../parts/field-rights.tsx'
import { Instant } from '../parts/figures.tsx'
import { Note } from '../parts/note.tsx'
import { Fact, Facts, Page, Panel } from '../parts/page.tsx'
import { Question } from '../parts/question.tsx'
import { ReviewMark } from '../parts/review-mark.tsx'
import { SmallTable } from '../parts/small-table.tsx'
import { Answered } from '../parts/state.tsx'
import { UnitName } from '../parts/unit-name.tsx'
import { StateTag } from '../parts/user-tags.tsx'
import { labelOf, useMay, useMe } from '../session.ts'

type Report = Output<typeof readPerson>

export default function PersonPage() {
  const copy = useCopy()
  const words = copy.people
  const { login } = useParams({ from: '/desk/people/$login' })
  const navigate = useNavigate()
  const may = useMay()
  const me = useMe()
  const [reviewing, setReviewing] = useState(false)
  const report = useQuery(reading(readPerson, { params: { login } }))
  const back = () => navigate({ to: '/people' })
  const mayReview = may('access.review') && me.name !== login
  const actions = [
    { key: 'B', label: copy.common.back, run: back, panelOnly: true },
    {
      key: 'X',
      label: words.tabs.explain,
      icon: <EyeOutlined />,
      run: () => navigate({ to: '/people', search: { tab: 'explain', login } }),
    },
    { key: 'P', label: words.print, icon: <PrinterOutlined />, run: () => window.print() },
    {
      key: 'R',
      label: words.review,
      icon: <CheckOutlined />,
      run: () => setReviewing(true),
      disabled: mayReview ? undefined : copy.state.noRight,
    },
  ]
  return (
    <Page
      title={report.data?.name ?? login}
      needs="access.read"
      actions={actions}
      before={<Button type="text" icon={<ArrowLeftOutlined />} aria-label={copy.common.back} onClick={back} />}
      aside={<span>{words.report}</span>}
    >
      <Answered query={report} rows={12}>
        {(found) => <Content found={found} />}
      </Answered>
      {reviewing && <ReviewDialog login={login} onClose={() => setReviewing(false)} />}
    </Page>
  )
}

function Content({ found }: { found: Report }) {
  const { copy, code } = useLanguage()
  const words = copy.people
  const roles = (row: { roles: Report['permissions'][number]['roles'] }) =>
    row.roles.map((role) => labelOf(role, code)).join(copy.common.semicolon)
  const byRole = { title: copy.access.role, show: roles }
  return (
    <div className="grid report">
      <div className="span-4 stack">
        <Panel title={words.about}>
          <Facts>
            <Fact name={words.login}>{found.login}</Fact>
            <Fact name={words.staff}>{found.staff}</Fact>
            <Fact name={copy.common.status}>
              <StateTag state={found.state} />
            </Fact>
            <Fact name={words.customers}>{countText(found.customers)}</Fact>
            <Fact name={words.grants}>{countText(found.grants)}</Fact>
            <Fact name={words.keys}>{countText(found.keys)}</Fact>
            <Fact name={words.lastSignIn}>
              <Instant at={found.lastSignInAt} />
            </Fact>
            <Fact name={words.asOf}>
              <Instant at={found.asOf} />
            </Fact>
          </Facts>
        </Panel>
        <Panel title={words.reviews}>
          {found.reviews.length === 0 && <p className="quiet">{words.never}</p>}
          <ul className="lines">
            {found.reviews.map((review) => (
              <li key={review.at}>
                <ReviewMark review={review} />
                {review.note && <span className="quiet">{review.note}</span>}
              </li>
            ))}
          </ul>
        </Panel>
        <Panel title={words.walls}>
          {found.walls.length === 0 && <p className="quiet">{words.none}</p>}
          <ul className="lines">
            {found.walls.map((wall) => (
              <li key={`${wall.name} ${wall.around.code} ${wall.against.code}`}>
                <span>
                  {wall.name}: {wall.around.name} ⟂ {wall.against.name}
                </span>
                {wall.crossed && <span className="tag">{words.crossed}</span>}
              </li>
            ))}
          </ul>
        </Panel>
      </div>
      <div className="span-8 stack">
        <Panel title={words.posts} flush>
          <PostsTable found={found} />
        </Panel>
        <Panel title={words.permissions} flush>
          <SmallTable<Report['permissions'][number]>
            label={words.permissions}
            rows={found.permissions}
            keyOf={(row) => row.permission}
            empty={<p className="quiet">{words.none}</p>}
            columns={[
              {
                key: 'permission',
                title: copy.access.permissions,
                render: (_, row) => copy.permissions[row.permission],
              },
              {
                key: 'roles',
                title: copy.access.role,
                render: (_, row) => roles(row),
              },
            ]}
          />
        </Panel>
        <ReadRights rows={found.fields} by={byRole} />
        {found.edits.length > 0 && <EditRights rows={found.edits} by={byRole} />}
        {found.grantList.length > 0 && (
          <Panel title={words.grantList} flush>
            <SmallTable<Report['grantList'][number]>
              label={words.grantList}
              rows={found.grantList}
              keyOf={(row) => `${row.customerNo} ${row.to}`}
              columns={[
                {
                  key: 'no',
                  title: words.customer,
                  render: (_, row) => <span className="mono">{row.customerNo}</span>,
                },
                { key: 'to', title: words.until, render: (_, row) => <Instant at={row.to} /> },
                { key: 'by', title: words.by, render: (_, row) => row.by },
                { key: 'reason', title: copy.approvals.reason, render: (_, row) => row.reason },
              ]}
            />
          </Panel>
        )}
      </div>
    </div>
  )
}

function PostsTable({ found }: { found: Report }) {
  const { copy, code } = useLanguage()
  const words = copy.people
  type Row = Report['allPosts'][number] & { key: string }
  return (
    <SmallTable<Row>
      label={words.posts}
      rows={found.allPosts.map((post, index) => ({ ...post, key: String(index) }))}
      keyOf={(row) => row.key}
      empty={<p className="quiet">{words.noPosts}</p>}
      columns={[
        { key: 'role', title: copy.access.role, render: (_, row) => labelOf(row.role, code) },
        {
          key: 'unit',
          title: copy.access.unit,
          render: (_, row) => (
            <>
              <UnitName unit={row.unit} /> <span className="quiet mono">{row.unit.code}</span>
            </>
          ),
        },
        { key: 'units', title: words.units, align: 'right', render: (_, row) => countText(row.units) },
        { key: 'scope', title: words.scope, render: (_, row) => copy.access.scopes[row.customers] },
        {
          key: 'period',
          title: words.period,
          render: (_, row) =>
            `${row.fromDay > sinceEver ? row.fromDay : ''} – ${row.toDay ?? copy.access.open}`.replace(/^ – /, ''),
        },
        {
          key: 'holds',
          title: '',
          render: (_, row) => (
            <span className={row.holds ? 'tag tag-good' : 'tag'}>{row.holds ? words.holds : words.notHeld}</span>
          ),
        },
      ]}
    />
  )
}

function ReviewDialog({ login, onClose }: { login: string; onClose: () => void }) {
  const words = useCopy().people
  const { message } = App.useApp()
  const [note, setNote] = useState('')
  return (
    <Question
      title={words.review}
      okText={words.review}
      send={() => ask(reviewPerson, { params: { login }, body: note.trim() ? { note: note.trim() } : {} })}
      onDone={() => {
        message.success(words.reviewDone)
        for (const name of ['readPerson', 'listPeople']) queries.invalidateQueries({ queryKey: [name] })
        onClose()
      }}
      onClose={onClose}
    >
      {() => <Note value={note} onChange={setNote} label={words.reviewNote} />}
    </Question>
  )
}
