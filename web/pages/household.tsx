/** One household. */

import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { readHousehold } from '../../src/contract/customers.ts'
import { reading } from '../api.ts'
import { useCopy } from '../language.ts'
import { HouseholdPanel } from '../parts/household-panel.tsx'
import { Page } from '../parts/page.tsx'
import { Answered } from '../parts/state.tsx'
import { UnitName } from '../parts/unit-name.tsx'

export default function HouseholdPage() {
  const copy = useCopy()
  const { no } = useParams({ from: '/desk/households/$no' })
  const household = useQuery(reading(readHousehold, { params: { no } }))
  return (
    <Page
      title={copy.household.title}
      needs="customers.read"
      aside={
        <span className="mono">
          {no} {household.data && <UnitName unit={household.data.unit} />}
        </span>
      }
    >
      <Answered query={household}>{(found) => <HouseholdPanel household={found} />}</Answered>
    </Page>
  )
}
