/** One household. */
import { useParams } from '@tanstack/react-router'
import { useCopy } from '../language.ts'
import { HouseholdRecord } from '../parts/household-record.tsx'
import { Page } from '../parts/page.tsx'

export default function HouseholdPage() {
  const copy = useCopy()
  const { no } = useParams({ from: '/desk/households/$no' })
  return (
    <Page title={copy.household.title} needs="customers.read" aside={<span className="mono">{no}</span>}>
      <HouseholdRecord key={no} no={no} />
    </Page>
  )
}
