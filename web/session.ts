/** Who is signed in, what they may do, and how the bank counts. */
import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { Output } from '../src/contract/endpoint.ts'
import { type FieldGroup, headOfficePermissions, type Permission } from '../src/contract/permission.ts'
import { currentPolicy } from '../src/contract/policies.ts'
import { readSession } from '../src/contract/session.ts'
import { ask, queries } from './api.ts'
import { useLanguage } from './language.ts'
import type { LanguageCode } from './language-packs.ts'

export type Me = Output<typeof readSession>

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => ask(readSession, {}, signal),
  staleTime: 5 * 60_000,
})

/** Who is signed in, if anybody: what is known already, else asked once. */
export async function whoIsIn(): Promise<Me | undefined> {
  if (queries.getQueryState(sessionQuery.queryKey)?.status === 'error') return undefined
  return queries.ensureQueryData(sessionQuery).catch(() => undefined)
}

/** Leaves the page whole, so that nothing that was read stays in memory. */
export function leaveFor(address: string): void {
  location.assign(address)
}

/** The person signed in. Only under the signed-in routes, which have loaded it. */
export function useMe(): Me {
  return useSuspenseQuery(sessionQuery).data
}

/** Whether the person signed in has a permission, or any one of several, at a unit where it counts. */
export function useMay(): (permission: Permission | readonly Permission[]) => boolean {
  const { permissions, permissionsAtTop } = useMe()
  const counts = (one: Permission) => (headOfficePermissions.has(one) ? permissionsAtTop : permissions).includes(one)
  return (permission) => (typeof permission === 'string' ? counts(permission) : permission.some(counts))
}

/** Whether the person signed in has at the top of the tree what counts below too. */
export function useMayAtTop(): (permission: Permission) => boolean {
  const me = useMe()
  return (permission) => me.permissionsAtTop.includes(permission)
}

/** Whether the person signed in reads a group of fields at all. */
export function useReads(): (group: FieldGroup) => boolean {
  const { fields } = useMe()
  return (group) => fields[group] !== 'hidden'
}

/** A label that came as data, in the reader's language. */
export function labelOf(label: { zh: string; en: string }, code: LanguageCode): string {
  return code === 'en' ? label.en : label.zh
}

export const policyQuery = queryOptions({
  queryKey: ['policy', 'current'],
  queryFn: ({ signal }) => ask(currentPolicy, {}, signal),
  staleTime: 10 * 60_000,
})

/** The name of a tier: the policy's own words, else ours for the codes that we ship. The same function while nothing changes. */
export function useTierName(): (tier: { ordinal: number; code: string }) => string {
  const { code, copy } = useLanguage()
  const tiers = useQuery(policyQuery).data?.tiers
  return useCallback(
    (tier) => {
      const named = tiers?.find((one) => one.ordinal === tier.ordinal)
      return (code === 'en' ? named?.en : named?.zh) ?? copy.tiers[tier.code] ?? tier.code
    },
    [code, copy, tiers],
  )
}

/** A filter for the customers whom the scheme is for; empty when it is for everyone. */
export function useSchemeFilter(): { kind?: 'person' | 'company' } {
  const appliesTo = useQuery(policyQuery).data?.appliesTo
  return useMemo(() => (appliesTo === 'person' || appliesTo === 'company' ? { kind: appliesTo } : {}), [appliesTo])
}

/** Tiers lowest first, without ordinal 0. Empty until the policy has been read. */
export function useTiers(): { ordinal: number; code: string }[] {
  return useQuery(policyQuery).data?.tiers ?? []
}
