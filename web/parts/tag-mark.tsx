/** Tags as marks, by their ids; the words are asked for once and shared by everything that shows them. */
import { useQuery } from '@tanstack/react-query'
import type { Output } from '../../src/contract/endpoint.ts'
import { listTags } from '../../src/contract/tags.ts'
import { reading } from '../api.ts'
import { useLanguage } from '../language.ts'
import { useMay } from '../session.ts'

export type TagShown = Output<typeof listTags>['rows'][number]

/** The bank's tags; empty while they are read. */
export function useTags(): TagShown[] {
  const may = useMay()
  return useQuery({ ...reading(listTags), enabled: may('customers.read') }).data?.rows ?? []
}

/** What a tag is called in the language in use. */
export function useTagName(): (tag: Pick<TagShown, 'zh' | 'en'>) => string {
  const { code } = useLanguage()
  return ({ zh, en }) => (code === 'en' ? (en ?? zh) : zh)
}

const looks: Record<TagShown['colour'], string> = {
  plain: 'tag',
  accent: 'tag tag-accent',
  good: 'tag tag-good',
  warn: 'tag tag-warn',
  bad: 'tag tag-bad',
}

export function TagMark({ tag, title }: { tag: Pick<TagShown, 'zh' | 'en' | 'colour'>; title?: string }) {
  const name = useTagName()
  return (
    <span className={looks[tag.colour]} title={title}>
      {name(tag)}
    </span>
  )
}

/** The marks of these ids, in that order; one that is not known yet is left out. */
export function TagMarks({ ids }: { ids: readonly number[] }) {
  const tags = useTags()
  const found = ids.flatMap((id) => tags.find((tag) => tag.id === id) ?? [])
  return (
    <span className="tag-marks">
      {found.map((tag) => (
        <TagMark key={tag.id} tag={tag} />
      ))}
    </span>
  )
}
