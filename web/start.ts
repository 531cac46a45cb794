/**
 * Where the page starts: a script small enough to run at once. It asks who is signed in and fetches the language, the
 * shell and the page of the address beside the main script, rather than each after the one before.
 */
import './style.css'
import { askFirst } from './first-answer.ts'
import { languagePacks, preferredLanguage } from './language-packs.ts'

/** By file: the page of an address of one word has its name. */
const pages = import.meta.glob('./pages/*.tsx')
const path = location.pathname

askFirst('/api/session')
import('./main.tsx')
ahead(languagePacks[preferredLanguage()])
// They stand alone; everything else stands in the shell
if (path !== '/sign-in' && path !== '/proved') ahead(() => import('./parts/shell.tsx'))
ahead(pages[`./pages${path === '/' ? '/home' : path}.tsx`])

/** Fetches what will be imported later, where a failure is told. */
function ahead(load: (() => Promise<unknown>) | undefined): void {
  load?.().catch(() => undefined)
}
