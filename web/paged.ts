/** Lists that are read page by page. */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import type { Endpoint, Output } from '../src/contract/endpoint.ts'
import { type Asked, addressOf, ask } from './api.ts'

const pageSize = 100

interface PageOf<Row> {
  rows: Row[]
  next: string | null
}

type RowOf<E extends Endpoint> = Output<E> extends PageOf<infer Row> ? Row : never

/** What has been read of a list so far, what came in the way, and how to read on. */
export interface Paged<Row> {
  rows: Row[]
  error: unknown
  loading: boolean
  reload: () => void
  more: (() => void) | undefined
}

/** A paged endpoint, read page by page; `first` is its first answer, which has the totals. */
export function usePaged<E extends Endpoint>(
  endpoint: E,
  input: Asked<E>,
  enabled = true,
): Paged<RowOf<E>> & { first: Output<E> | undefined } {
  const list = useInfiniteQuery({
    queryKey: [endpoint.name, 'paged', addressOf(endpoint, input)],
    initialPageParam: null as string | null,
    enabled,
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) => {
      const query = { ...(input.query as object), limit: pageSize, ...(pageParam ? { cursor: pageParam } : {}) }
      return ask(endpoint, { ...input, query } as Asked<E>, signal) as Promise<Output<E> & PageOf<RowOf<E>>>
    },
    getNextPageParam: (page) => page.next,
  })
  return {
    rows: list.data?.pages.flatMap((page) => page.rows) ?? [],
    first: list.data?.pages[0],
    error: list.error,
    loading: list.isFetching,
    reload: () => void list.refetch(),
    more: list.hasNextPage ? () => void list.fetchNextPage() : undefined,
  }
}
