/** Who is signed in: posts held today, own pages, and the way out. */
import { UserOutlined } from '@ant-design/icons'
import { useNavigate } from '@tanstack/react-router'
import { Button, Dropdown } from 'antd'
import { signOut } from '../../src/contract/session.ts'
import { ask } from '../api.ts'
import { useCopy } from '../language.ts'
import { leaveFor, useMe } from '../session.ts'
import { usePosts } from '../unit-names.ts'
import { useRefusal } from './problem.tsx'

export function Account() {
  const copy = useCopy()
  const me = useMe()
  const posts = usePosts()
  const navigate = useNavigate()
  const refused = useRefusal()
  const leave = () =>
    ask(signOut)
      .then(({ leaveBy }) => leaveFor(leaveBy ?? '/sign-in'))
      .catch(refused)
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          ...posts.map((post) => ({ key: post, label: post, disabled: true })),
          { type: 'divider' },
          { key: 'profile', label: copy.nav.profile, onClick: () => navigate({ to: '/profile' }) },
          { key: 'security', label: copy.nav.mySecurity, onClick: () => navigate({ to: '/my-security' }) },
          { key: 'docs', label: <a href="/api/docs">{copy.shell.docs}</a> },
          { type: 'divider' },
          { key: 'out', label: copy.shell.signOut, onClick: leave },
        ],
      }}
    >
      <Button type="text" icon={<UserOutlined />} aria-label={`${me.displayName} · ${copy.shell.account}`}>
        <span className="bar-name">{me.displayName}</span>
      </Button>
    </Dropdown>
  )
}
