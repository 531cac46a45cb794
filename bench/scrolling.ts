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
  const box = document.querySelector('.list-body .long-table')
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
      box.scrollTop = box.scrollHeight
      await frame()
    }
    return before
  })()`)
}

/** Scrolls from the first row to the last in that many frames, twice: for the time of a frame, and to look at each. */
export async function scrollThrough(page: Page, frames: number): Promise<Scrolled> {
  return page.evaluate(`(async () => {
    ${prelude}
    const { left, top, width, height } = box.getBoundingClientRect()
    const hasRow = (part) =>
      document.elementFromPoint(left + width / 2, top + 36 + (height - 54) * part)?.closest('tr:not(.gap)') != null
    const end = box.scrollHeight - box.clientHeight
    const walk = async (look) => {
      box.scrollTop = 0
      let last = await frame()
      for (let i = 1; i <= ${frames}; i++) {
        box.scrollTop = Math.round((end * i) / ${frames})
        const now = await frame()
        look(now - last)
        last = now
      }
    }
    const frameMs = []
    let blank = 0
    await walk((ms) => frameMs.push(ms))
    await walk(() => [0, 0.5, 1].every(hasRow) || blank++)
    return { frameMs, blank, rowsInDocument: document.querySelectorAll('.list-body tbody tr:not(.gap)').length }
  })()`)
}
