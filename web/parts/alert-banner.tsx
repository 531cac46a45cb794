/** Above every page of whoever answers for security: that alerts wait to be looked at. */
import { WarningOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { listSecurityAlerts } from '../../src/contract/security-alerts.ts'
import { reading } from '../api.ts'
import { useCopy } from '../language.ts'
import { useMay } from '../session.ts'

export function AlertBanner() {
  const words = useCopy().securityAlerts
  const may = useMay()
  const open = useQuery({
    ...reading(listSecurityAlerts, { query: { state: 'open', limit: 1 } }),
    enabled: may('securityAlerts.read'),
  })
  const newest = open.data?.rows[0]
  if (!open.data || !newest) return null
  return (
    <aside className="alert-banner" aria-label={words.title}>
      <WarningOutlined /> {words.banner(open.data.total, words.kinds[newest.kind])}{' '}
      <Link to="/security-alerts">{words.look}</Link>
    </aside>
  )
}
