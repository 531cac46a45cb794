/** Roles, posts and walls: who holds what, and proposing changes, which a second person checks. */
import { PlusOutlined } from '@ant-design/icons'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Tabs } from 'antd'
import { useState } from 'react'
import { useCopy } from '../language.ts'
import { Page } from '../parts/page.tsx'
import { Posts } from '../parts/posts.tsx'
import { Roles } from '../parts/roles.tsx'
import { Walls } from '../parts/walls.tsx'
import { useMay } from '../session.ts'

const tabs = ['roles', 'posts', 'walls'] as const
type Tab = (typeof tabs)[number]

export default function Access() {
  const copy = useCopy()
  const words = copy.access
  const may = useMay()
  const navigate = useNavigate()
  const search = useSearch({ from: '/desk/access' })
  const tab: Tab = tabs.find((one) => one === search.tab) ?? 'roles'
  const [making, setMaking] = useState<Tab | undefined>(undefined)
  const noRight = may('access.manage') ? undefined : copy.state.noRight
  const label = { roles: words.newRole, posts: words.givePost, walls: words.drawWall }[tab]
  const actions = [{ key: 'N', label, icon: <PlusOutlined />, run: () => setMaking(tab), disabled: noRight }]
  const part = { making: making === tab, onMade: () => setMaking(undefined) }
  return (
    <Page title={words.title} needs="access.read" actions={actions}>
      <Tabs
        activeKey={tab}
        onChange={(key) => navigate({ to: '/access', search: { tab: key }, replace: true })}
        items={[
          { key: 'roles', label: words.tabs.roles, children: <Roles {...part} /> },
          { key: 'posts', label: words.tabs.posts, children: <Posts {...part} /> },
          { key: 'walls', label: words.tabs.walls, children: <Walls {...part} /> },
        ]}
        destroyOnHidden
      />
    </Page>
  )
}
