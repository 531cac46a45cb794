/** Why a person sees a customer or does not: the rules of reach.ts, said post by post. Pure. */
import type { PostRule } from '../contract/sight.ts'
import { binds, type Place, type Wall } from './reach.ts'

export interface NamedWall extends Wall {
  name: string
}

export interface PlaceOfRole extends Place {
  /** Whether its role reads customers at all. */
  reads: boolean
}

export interface PostSight {
  visible: boolean
  rule: PostRule
  wall: string | null
}

/** What one post does for a customer at home in `unitId`. */
export function sightByPost(
  place: PlaceOfRole,
  customer: { unitId: number; isOwn: boolean },
  walls: readonly NamedWall[],
): PostSight {
  if (!place.reads) return hidden('noReading')
  if (place.customers === 'none') return hidden('seesNobody')
  if (place.customers === 'book' && !customer.isOwn) return hidden('otherBook')
  const isNear = place.subtree === null || place.subtree.includes(customer.unitId)
  if (place.customers === 'subtree' && !isNear) return hidden('elsewhere')
  const wall = walls.find((one) => one.around.includes(customer.unitId) && binds(one, place.unitId))?.name ?? null
  if (wall !== null && !place.crossesWalls) return { visible: false, rule: 'wall', wall }
  if (place.customers === 'book') return { visible: true, rule: 'book', wall }
  return { visible: true, rule: place.subtree === null ? 'bank' : 'subtree', wall }
}

function hidden(rule: PostRule): PostSight {
  return { visible: false, rule, wall: null }
}
