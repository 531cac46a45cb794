/** Writes docs/feeds.md and docs/feeds.zh-CN.md from the feeds. */
import { writeFileSync } from 'node:fs'
import { feedsPage } from '../src/feeds/documentation.ts'

writeFileSync(new URL('../docs/feeds.md', import.meta.url), feedsPage('en'))
writeFileSync(new URL('../docs/feeds.zh-CN.md', import.meta.url), feedsPage('zh'))
