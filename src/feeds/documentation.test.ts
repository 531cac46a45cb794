import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { feedsPage } from './documentation.ts'
import { feeds } from './index.ts'

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

test('the pages say what the feeds say (node scripts/feeds-page.ts writes them)', () => {
  expect(page('feeds.md')).toBe(feedsPage('en'))
  expect(page('feeds.zh-CN.md')).toBe(feedsPage('zh'))
})

test('a feed comes after those it refers to, and its key and day are columns of its own', () => {
  for (const [i, feed] of feeds.entries()) {
    const names = feed.columns.map((column) => column.name)
    expect(names).toEqual([...new Set(names)])
    for (const name of [...feed.key, ...(feed.dayColumn ? [feed.dayColumn] : [])]) expect(names).toContain(name)
    for (const before of feed.after) expect(feeds.slice(0, i).map((f) => f.name)).toContain(before)
  }
})
