/** The list that a record was opened from, so that the record can say previous and next. */
import { infiniteQueryOptions } from '@tanstack/react-query'
import { listCustomers } from '../src/contract/customers.ts'
import type { Output } from '../src/contract/endpoint.ts'
import { ask, queries } from './api.ts'
import { filterOf, type ListSearch } from './customer-search.ts'

type ListPage = Output<typeof listCustomers>

/** The first page is small, so that it is there at once; the others as large as allowed. */
const firstPageSize = 100
const pageSize = 500

export function listQuery(search: ListSearch) {
  const asked = { ...filterOf(search), ...(search.sort && { sort: search.sort }), dir: search.dir ?? 'desc' } as const
  return infiniteQueryOptions({
    queryKey: ['listCustomers', 'endless', asked],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }): Promise<ListPage> =>
      ask(
        listCustomers,
        {
          query: { ...asked, limit: pageParam ? pageSize : firstPageSize, ...(pageParam ? { cursor: pageParam } : {}) },
        },
        signal,
      ),
    getNextPageParam: (page) => page.next,
  })
}

let opened: ListSearch | undefined

export function rememberList(search: ListSearch): void {
  opened = search
}

export function rememberedList(): ListSearch {
  return opened ?? {}
}

/** The customers before and after one in the list it was opened from, as far as that list has been read. */
export function neighbours(customerNo: string): { previous: string | undefined; next: string | undefined } {
  const kept = opened && queries.getQueryData(listQuery(opened).queryKey)
  const rows = kept?.pages.flatMap((page) => page.rows) ?? []
  const at = rows.findIndex((row) => row.customerNo === customerNo)
  if (at < 0) return { previous: undefined, next: undefined }
  return { previous: rows[at - 1]?.customerNo, next: rows[at + 1]?.customerNo }
}
