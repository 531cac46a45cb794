/** Who can sign in: people, programs and break-glass accounts; programs with their keys; second factors by role. */
import { ApiOutlined, UserAddOutlined } from '@ant-design/icons'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Tabs } from 'antd'
import { useState } from 'react'
import { useCopy } from '../language.ts'
import { NewPerson, NewProgram } from '../parts/new-user.tsx'
import { Page } from '../parts/page.tsx'
import { Programs } from '../parts/programs.tsx'
import { RoleFactors } from '../parts/role-factors.tsx'
import { UserList } from '../parts/user-list.tsx'
import { useMay } from '../session.ts'

const tabs = ['people', 'programs', 'factors'] as const
type Tab = (typeof tabs)[number]
const needs = { people: 'users.read', programs: 'programs.manage', factors: 'users.read' } as const
const contents = { people: <UserList />, programs: <Programs />, factors: <RoleFactors /> }

export default function Users() {
  const copy = useCopy()
  const words = copy.users
  const may = useMay()
  const navigate = useNavigate()
  const search = useSearch({ from: '/desk/users' })
  const [making, setMaking] = useState<'person' | 'program'>()
  const open = tabs.filter((one) => may(needs[one]))
  const tab: Tab = open.find((one) => one === search.tab) ?? open[0] ?? 'people'
  const actions = [
    {
      key: 'N',
      label: words.make,
      icon: <UserAddOutlined />,
      run: () => setMaking('person'),
      disabled: may('users.manage') ? undefined : copy.state.noRight,
    },
    {
      key: 'P',
      label: words.makeProgram,
      icon: <ApiOutlined />,
      run: () => setMaking('program'),
      disabled: may('programs.manage') ? undefined : copy.state.noRight,
    },
  ]
  return (
    <Page title={words.title} needs={open[0] ? needs[open[0]] : 'users.read'} actions={actions}>
      <Tabs
        activeKey={tab}
        onChange={(key) => navigate({ to: '/users', search: { tab: key }, replace: true })}
        items={open.map((key) => ({ key, label: words.tabs[key], children: contents[key] }))}
        destroyOnHidden
      />
      {making === 'person' && <NewPerson onClose={() => setMaking(undefined)} />}
      {making === 'program' && <NewProgram onClose={() => setMaking(undefined)} />}
    </Page>
  )
}
