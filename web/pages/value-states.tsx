/** Value states: what nights propose, who is to be won back, and why customers were lost. */
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Tabs } from 'antd'
import { useCopy } from '../language.ts'
import { Losses } from '../parts/losses.tsx'
import { Page } from '../parts/page.tsx'
import { ValueProposals } from '../parts/value-proposals.tsx'
import { WinBacks } from '../parts/win-backs.tsx'

const tabs = ['proposals', 'winBacks', 'losses'] as const

export default function ValueStates() {
  const words = useCopy().valueStates
  const navigate = useNavigate()
  const search = useSearch({ from: '/desk/value-states' })
  const tab = tabs.find((one) => one === search.tab) ?? 'proposals'
  const shown = { proposals: <ValueProposals />, winBacks: <WinBacks />, losses: <Losses /> }
  return (
    <Page title={words.title} needs="valueStates.read">
      <Tabs
        activeKey={tab}
        onChange={(key) => navigate({ to: '/value-states', search: { tab: key }, replace: true })}
        items={tabs.map((key) => ({ key, label: words.tabs[key], children: shown[key] }))}
        destroyOnHidden
      />
    </Page>
  )
}
