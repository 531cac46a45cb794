/** The navigation: the pages by group that the person signed in has something on. */
import {
  AlertOutlined,
  ApartmentOutlined,
  AuditOutlined,
  CloudUploadOutlined,
  CommentOutlined,
  DashboardOutlined,
  DatabaseOutlined,
  FileDoneOutlined,
  FileProtectOutlined,
  FileSearchOutlined,
  HomeOutlined,
  IdcardOutlined,
  KeyOutlined,
  LockOutlined,
  MoonOutlined,
  NodeIndexOutlined,
  SafetyCertificateOutlined,
  TagsOutlined,
  TeamOutlined,
  UserOutlined,
  UserSwitchOutlined,
} from '@ant-design/icons'
import { Link } from '@tanstack/react-router'
import { Tooltip } from 'antd'
import { type ReactNode, useId } from 'react'
import { approvalKinds } from '../../src/contract/approvals.ts'
import type { Permission } from '../../src/contract/permission.ts'
import type { Copy } from '../copy/zh-CN.ts'
import { useCopy } from '../language.ts'
import { useMay } from '../session.ts'
import { Waiting } from './waiting.tsx'

interface NavItem {
  to:
    | '/'
    | '/customers'
    | '/households'
    | '/elsewhere'
    | '/mentions'
    | '/tags'
    | '/units'
    | '/proposals'
    | '/value-states'
    | '/policy'
    | '/loads'
    | '/feeds'
    | '/nights'
    | '/quality'
    | '/privacy'
    | '/approvals'
    | '/access'
    | '/people'
    | '/audit'
    | '/users'
    | '/security-alerts'
  name: keyof Copy['nav']
  icon: ReactNode
  needs: Permission | readonly Permission[]
}

interface NavGroup {
  name: keyof Copy['nav']
  items: NavItem[]
}

/** Whoever proposes or checks something, or audits those who do. */
const approving: readonly Permission[] = [
  ...Object.values(approvalKinds).flatMap(({ propose, check }) => [propose, check]),
  'audit.read',
]

const navGroups: NavGroup[] = [
  {
    name: 'groupPeople',
    items: [
      { to: '/', name: 'home', icon: <DashboardOutlined />, needs: 'pyramid.read' },
      { to: '/customers', name: 'customers', icon: <TeamOutlined />, needs: 'customers.read' },
      { to: '/households', name: 'households', icon: <HomeOutlined />, needs: 'customers.read' },
      { to: '/elsewhere', name: 'elsewhere', icon: <NodeIndexOutlined />, needs: 'customers.find' },
      { to: '/mentions', name: 'mentions', icon: <CommentOutlined />, needs: 'notes.read' },
      { to: '/tags', name: 'tags', icon: <TagsOutlined />, needs: 'tags.manage' },
      { to: '/value-states', name: 'valueStates', icon: <UserOutlined />, needs: 'valueStates.read' },
      { to: '/units', name: 'units', icon: <ApartmentOutlined />, needs: 'pyramid.read' },
    ],
  },
  {
    name: 'groupTiers',
    items: [
      { to: '/proposals', name: 'proposals', icon: <AuditOutlined />, needs: 'proposals.read' },
      { to: '/policy', name: 'policy', icon: <FileProtectOutlined />, needs: 'policies.read' },
    ],
  },
  {
    name: 'groupSource',
    items: [
      { to: '/nights', name: 'nights', icon: <MoonOutlined />, needs: 'nights.read' },
      { to: '/loads', name: 'loads', icon: <CloudUploadOutlined />, needs: 'loads.read' },
      { to: '/quality', name: 'quality', icon: <SafetyCertificateOutlined />, needs: 'quality.read' },
      { to: '/feeds', name: 'feeds', icon: <DatabaseOutlined />, needs: 'loads.read' },
      { to: '/privacy', name: 'privacy', icon: <LockOutlined />, needs: 'privacy.read' },
    ],
  },
  {
    name: 'groupRights',
    items: [
      { to: '/approvals', name: 'approvals', icon: <FileDoneOutlined />, needs: approving },
      { to: '/access', name: 'access', icon: <KeyOutlined />, needs: 'access.read' },
      { to: '/people', name: 'people', icon: <IdcardOutlined />, needs: 'access.read' },
      { to: '/users', name: 'users', icon: <UserSwitchOutlined />, needs: ['users.read', 'programs.manage'] },
    ],
  },
  {
    name: 'groupOversight',
    items: [
      { to: '/security-alerts', name: 'securityAlerts', icon: <AlertOutlined />, needs: 'securityAlerts.read' },
      { to: '/audit', name: 'audit', icon: <FileSearchOutlined />, needs: 'audit.read' },
    ],
  },
]

/** The pages by group, without those behind which there is nothing for the person signed in. */
export function useNavGroups(): NavGroup[] {
  const may = useMay()
  return navGroups
    .map((group) => ({ ...group, items: group.items.filter(({ needs }) => may(needs)) }))
    .filter((group) => group.items.length > 0)
}

interface NavProps {
  narrow?: boolean
  /** The page stands, so that what waits for the person may be asked for. */
  settled: boolean
  onGo?: () => void
}

export function Nav({ narrow = false, settled, onGo }: NavProps) {
  const copy = useCopy()
  const groups = useNavGroups()
  return (
    <nav className="nav" aria-label={copy.nav.label}>
      {groups.map((group) => (
        <div key={group.name} className="nav-group">
          {!narrow && <div className="nav-title">{copy.nav[group.name]}</div>}
          {group.items.map((item) => (
            <NavLink key={item.to} item={item} narrow={narrow} settled={settled} {...(onGo ? { onGo } : {})} />
          ))}
        </div>
      ))}
    </nav>
  )
}

function NavLink({ item, narrow, settled, onGo }: NavProps & { item: NavItem }) {
  const copy = useCopy()
  const waiting = useId()
  const decides = settled && (item.to === '/approvals' || item.to === '/elsewhere') ? item.to : undefined
  const link = (
    <Link
      to={item.to}
      className="nav-item"
      activeOptions={{ exact: item.to === '/', includeSearch: false }}
      aria-label={copy.nav[item.name]}
      aria-describedby={decides && waiting}
      onClick={() => onGo?.()}
    >
      {item.icon}
      {!narrow && <span>{copy.nav[item.name]}</span>}
      {decides && <Waiting at={decides} id={waiting} />}
    </Link>
  )
  // A tooltip costs more than the link it is for: only where the name is not there to be read
  if (!narrow) return link
  return (
    <Tooltip title={copy.nav[item.name]} placement="right">
      {link}
    </Tooltip>
  )
}
