/** Named views of the customers list, kept in this browser: a view is an address. */
import { type ListSearch, readListSearch } from './customer-search.ts'

export interface SavedView {
  name: string
  search: ListSearch
}

const storageKey = 'strata.views.customers'
const viewsMax = 30

export function savedViews(): SavedView[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]')
    if (!Array.isArray(kept)) return []
    return kept
      .filter((view): view is SavedView => typeof view?.name === 'string' && typeof view?.search === 'object')
      .map((view) => ({ name: view.name, search: readListSearch({ ...view.search }) }))
  } catch {
    // What somebody else wrote there is no view
    return []
  }
}

/** Keeps a view; one of the same name is replaced. */
export function saveView(view: SavedView): SavedView[] {
  return keep([...savedViews().filter((one) => one.name !== view.name), view].slice(-viewsMax))
}

export function removeView(name: string): SavedView[] {
  return keep(savedViews().filter((one) => one.name !== name))
}

function keep(views: SavedView[]): SavedView[] {
  localStorage.setItem(storageKey, JSON.stringify(views))
  return views
}
