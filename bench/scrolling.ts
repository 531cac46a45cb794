/**
 * Scrolls the customers list in a real browser and looks at every frame: how long it took, and whether there were rows at
 * the top, in the middle and at the bottom of the list.
 */
import type { Page } from 'playwright-core'

export interface Scrolled {
  /** Milliseconds from each frame to the next. */
  frameMs: number[]
  /** Frames in which some part of the list had no row. */
  blank: number
  /** Rows in the document, whatever the length of the list. */
  rowsInDocument: number
}

// Texts, not functions: they run in the browser, whose types the server's compiler does not know
const prelude = `
  const holder = document.querySelector('.list-body .long-table')
  const frame = () => new Promise((shown) => requestAnimationFrame(shown))
`

/** Scrolls to the end again and again until at least `rows` rows have been read, or the list has no more. */
export async function readOn(page: Page, rows: number): Promise<number> {
  return page.evaluate(`(async () => {
    ${prelude}
    let before = 0
    for (let still = 0; still < 600; still++) {
      const read = Number(document.querySelector('.list-body').dataset.rows)
      if (read >= ${rows}) return read
      if (read > before) still = 0
      before = read
      holder.scrollTop = holder.scrollHeight
      await frame()
    }
    return before
  })()`)
}

/** Scrolls from the first row to the last in that many frames. */
export async function scrollThrough(page: Page, frames: number): Promise<Scrolled> {
  return page.evaluate(`(async () => {
    ${prelude}
    const { left, top, width, height } = holder.getBoundingClientRect()
    const hasRow = (part) =>
      document.elementFromPoint(left + width / 2, top + 2 + (height - 4) * part)?.closest('tr:not(.gap)') != null
    const end = holder.scrollHeight - holder.clientHeight
    holder.scrollTop = 0
    let last = await frame()
    const frameMs = []
    let blank = 0
    for (let i = 1; i <= ${frames}; i++) {
      holder.scrollTop = Math.round((end * i) / ${frames})
      const now = await frame()
      frameMs.push(now - last)
      last = now
      if (![0, 0.5, 1].every(hasRow)) blank++
    }
    return { frameMs, blank, rowsInDocument: document.querySelectorAll('.list-body tbody tr').length }
  })()`)
}
