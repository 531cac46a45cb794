/** The policy in force, readable; and a trial of other bars that publishes nothing. */
import { UploadOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { type ReactNode, useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { type currentPolicy, listPolicies } from '../../src/contract/policies.ts'
import { reading } from '../api.ts'
import { sinceEver } from '../figures.ts'
import { useLanguage } from '../language.ts'
import { Instant, Money, Tier } from '../parts/figures.tsx'
import { Fact, Facts, Page, Panel } from '../parts/page.tsx'
import { DraftDialog, PutInForceDialog } from '../parts/policy-drafts.tsx'
import { Simulate } from '../parts/simulate.tsx'
import { SmallTable } from '../parts/small-table.tsx'
import { Answered } from '../parts/state.tsx'
import { policyQuery, useMay } from '../session.ts'

type Current = Output<typeof currentPolicy>
type PolicyTier = Current['tiers'][number]

export default function PolicyPage() {
  const { copy, code } = useLanguage()
  const words = copy.policy
  const may = useMay()
  const [drafting, setDrafting] = useState(false)
  const current = useQuery(policyQuery)
  const actions = [
    {
      key: 'S',
      label: words.simulate,
      run: () => document.getElementById('simulate')?.scrollIntoView({ behavior: 'smooth' }),
      panelOnly: true,
    },
    ...(may('policies.manage')
      ? [{ key: 'N', label: copy.drafts.upload, icon: <UploadOutlined />, run: () => setDrafting(true) }]
      : []),
  ]
  const found = current.data
  return (
    <Page
      title={words.title}
      needs="policies.read"
      actions={actions}
      aside={
        found && (
          <>
            {code === 'en' ? found.policy.nameEn : found.policy.name} · {words.version(found.policy.version)}
            {found.policy.inForceFrom && (
              <span className="tag tag-good">
                {/* The shipped policy is in force from no day that anybody decided */}
                {found.policy.inForceFrom > sinceEver
                  ? words.inForce(found.policy.inForceFrom)
                  : words.statuses.inForce}
              </span>
            )}
          </>
        )
      }
    >
      <Answered query={current} rows={10}>
        {(answer) => <Content current={answer} />}
      </Answered>
      {drafting && <DraftDialog source={found?.source ?? ''} onClose={() => setDrafting(false)} />}
    </Page>
  )
}

function Content({ current }: { current: Current }) {
  const { copy } = useLanguage()
  const words = copy.policy
  const may = useMay()
  const unconfirmed = current.tiers.filter((tier) => tier.confirm).length
  return (
    <>
      {unconfirmed > 0 && <div className="note note-warn">{words.confirmNote(unconfirmed)}</div>}
      <div className="grid">
        <div className="span-8 stack">
          <Panel title={words.tiers} flush>
            <Bars current={current} />
          </Panel>
          {may('policies.simulate') && (
            <div id="simulate">
              <Simulate key={current.policy.sha256} current={current} />
            </div>
          )}
        </div>
        <div className="span-4 stack">
          <Rules current={current} />
          <Versions />
          <Panel title={words.source}>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
            <pre className="source" tabIndex={0}>
              {current.source}
            </pre>
          </Panel>
        </div>
      </div>
    </>
  )
}

function Bars({ current }: { current: Current }) {
  const { copy } = useLanguage()
  const words = copy.policy
  const bar = (fen: string | null): ReactNode =>
    fen === null ? <span className="quiet">{words.entry}</span> : <Money fen={fen} />
  return (
    <SmallTable<PolicyTier>
      label={words.tiers}
      rows={[...current.tiers].reverse()}
      keyOf={(tier) => tier.code}
      columns={[
        { key: 'tier', title: copy.common.tier, render: (_, tier) => <Tier tier={tier} /> },
        { key: 'individual', title: words.individual, align: 'right', render: (_, tier) => bar(tier.individualFen) },
        { key: 'household', title: words.household, align: 'right', render: (_, tier) => bar(tier.householdFen) },
        {
          key: 'notes',
          title: copy.common.note,
          render: (_, tier) => (
            <span className="row">
              {tier.secondPerson && <span className="tag">{words.second}</span>}
              {tier.confirm && <span className="tag tag-warn">{words.confirm}</span>}
            </span>
          ),
        },
      ]}
    />
  )
}

function Rules({ current }: { current: Current }) {
  const { copy } = useLanguage()
  const words = copy.policy
  const kind = words.windowKinds[current.window.kind] ?? current.window.kind
  return (
    <Panel title={words.rules}>
      <Facts>
        <Fact name={words.window}>{words.windowDays(kind, current.window.days)}</Fact>
        <Fact name={words.householdRule}>{words.householdRules[current.householdRule]}</Fact>
        <Fact name={words.currency}>{current.baseCurrency}</Fact>
        <Fact name={words.digest}>
          <code className="breakable">{current.policy.sha256}</code>
        </Fact>
      </Facts>
    </Panel>
  )
}

function Versions() {
  const { copy, code } = useLanguage()
  const words = copy.policy
  const may = useMay()
  const list = useQuery(reading(listPolicies))
  const [proposing, setProposing] = useState<{ id: number; title: string } | undefined>(undefined)
  return (
    <Panel title={words.versions}>
      {proposing && <PutInForceDialog policy={proposing} onClose={() => setProposing(undefined)} />}
      <Answered query={list}>
        {({ rows }) => (
          <ul className="lines">
            {rows.map((policy) => (
              <li key={policy.id}>
                <span>
                  {code === 'en' ? policy.nameEn : policy.name} <span className="quiet">{policy.scheme}</span>{' '}
                  {words.version(policy.version)}
                </span>
                <span className={policy.status === 'inForce' ? 'tag tag-good' : 'tag'}>
                  {policy.status === 'planned' && policy.inForceFrom
                    ? words.inForce(policy.inForceFrom)
                    : words.statuses[policy.status]}
                </span>
                <span className="grow" />
                {policy.status === 'draft' && may('policies.manage') && (
                  <Button
                    size="small"
                    onClick={() =>
                      setProposing({ id: policy.id, title: `${policy.name} ${words.version(policy.version)}` })
                    }
                  >
                    {copy.drafts.propose}
                  </Button>
                )}
                <span className="quiet">
                  <Instant at={policy.recordedAt} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Answered>
    </Panel>
  )
}
