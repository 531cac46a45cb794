/** Units and posts in words. Records name a unit in Chinese; its English name stands in the tree, of own units in the session. */
import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { Output } from '../src/contract/endpoint.ts'
import { listUnits } from '../src/contract/nights.ts'
import { reading } from './api.ts'
import { useLanguage } from './language.ts'
import { labelOf, useMay, useMe } from './session.ts'

interface UnitRef {
  code: string
  name: string
}

interface PostRef {
  role: { zh: string; en: string }
  unit: UnitRef
}

type Tree = Output<typeof listUnits>
const namesOf = new WeakMap<Tree, Map<string, string | null>>()

/**
 * Names a unit in the reader's language: by its only name where it has no English one, or where it is none of the reader's
 * own and the tree may not be read.
 */
export function useUnitName(): (unit: UnitRef) => string {
  const { code } = useLanguage()
  const may = useMay()
  const { posts } = useMe()
  const { data } = useQuery({ ...reading(listUnits), enabled: code === 'en' && may('pyramid.read') })
  return useCallback(
    (unit) => {
      if (code !== 'en') return unit.name
      const own = posts.find((post) => post.unit.code === unit.code)?.unit.nameEn
      return own || (data && englishNames(data).get(unit.code)) || unit.name
    },
    [code, data, posts],
  )
}

/** By code. Every row of a list names its unit: the names are put in order once for all of them. */
function englishNames(tree: Tree): Map<string, string | null> {
  const known = namesOf.get(tree)
  if (known) return known
  const names = new Map(tree.units.map((unit) => [unit.code, unit.nameEn]))
  namesOf.set(tree, names)
  return names
}

/** Names a post: 'Outlet manager · Riverside outlet'. */
export function usePostText(): (post: PostRef) => string {
  const { code } = useLanguage()
  const unitName = useUnitName()
  return useCallback(({ role, unit }) => `${labelOf(role, code)} · ${unitName(unit)}`, [code, unitName])
}

/** The posts held today, in words. */
export function usePosts(): string[] {
  return useMe().posts.map(usePostText())
}
