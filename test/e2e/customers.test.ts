/** The list of customers and one customer's why, as people use them in a browser. */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { browserTest } from '../support/browser.ts'
import { loginOf, minutes, open, sharedSite } from './site.ts'

const site = sharedSite()

browserTest(
  'the list keeps filters, sort and columns in its address, counts them and walks by keyboard',
  async (path) => {
    const page = await (await site(path)).as('analyst')
    await open(page, '/customers')
    await page.getByRole('button', { name: '全部客户' }).click()
    await page.getByRole('menuitem', { name: /临界客户/ }).click()
    await page.waitForURL(/near=10/)
    const count = await (await page.request.get('/api/customers/count?near=10')).json()
    await page.getByText(`共 ${count.customers.toLocaleString('en')} 户`).waitFor()
    await page.reload()
    await page.getByText(`共 ${count.customers.toLocaleString('en')} 户`).waitFor()
    await page.getByRole('button', { name: '清除筛选' }).click()
    await page.waitForURL((url) => !url.search.includes('near'))
    await page.getByRole('columnheader', { name: '客户号' }).click()
    await page.waitForURL(/sort=customerNo/)
    await page.keyboard.press('/')
    const first = (await (await page.request.get('/api/customers?limit=1')).json()).rows[0]
    await page.keyboard.type(first.customerNo)
    await page.waitForURL(/q=/)
    await page.getByText('共 1 户').waitFor()
    await page.locator('.list-body').getByRole('row').filter({ hasText: first.customerNo }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/customers/${first.customerNo}`)
    await page.getByRole('heading', { name: first.name }).waitFor()
    await page.keyboard.press('b')
    await page.waitForURL(/customers\?.*q=/)
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'the first row: the session and the list are asked once, and a field still on its way takes no click',
  async (path) => {
    const page = await (await site(path)).as('analyst')
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    const unit = page.getByRole('combobox', { name: '网点' })
    let early: boolean | undefined
    // The tree of units comes late: a click that it would lose is not taken
    await page.route(/unit-tree/, async (route) => {
      await page.locator('.list-body tbody td').first().waitFor()
      early = await unit.isEnabled()
      await route.continue()
    })
    await page.goto('/customers')
    await unit.click()
    await page.locator('.ant-select-tree').waitFor()
    const count = (address: string) => asked.filter((one) => one === address).length
    expect([count('/api/session'), count('/api/customers')]).toEqual([1, 1])
    expect(early).toBe(false)
    await page.context().close()
  },
  minutes(2),
)

browserTest(
  'why: the parts and the rounding add up to the average',
  async (path) => {
    const page = await (await site(path)).as('analyst')
    const fen = (text: string) => BigInt(text.replace(/[^\d−]/g, '').replace('−', '-'))
    for (const tier of [4, 3, 2]) {
      const [row] = (await (await page.request.get(`/api/customers?tier=${tier}&limit=1`)).json()).rows
      if (!row) continue
      await open(page, `/customers/${row.customerNo}`)
      const table = page.locator('.parts')
      await table.waitFor()
      const shown = await table.locator('tbody tr.ant-table-row td:last-child').allTextContents()
      const closing = await table.locator('tfoot tr td:last-child').allTextContents()
      const sum = [...shown, closing[0] ?? ''].reduce((total, text) => total + fen(text), 0n)
      expect(shown.length).toBeGreaterThan(0)
      expect(sum).toBe(fen(closing[1] ?? ''))
      expect(String(sum)).toBe(row.averageFen)
    }
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'a view is saved under a name, found again after a reload, and removed',
  async (path) => {
    const page = await (await site(path)).as('analyst')
    await open(page, '/customers?path=household&sort=toNext&dir=asc')
    await page.getByRole('button', { name: '视图' }).click()
    await page.getByRole('textbox', { name: '视图名称' }).fill('家庭里最近的')
    await page.getByRole('button', { name: '另存为视图' }).click()
    await page.getByText('已保存视图“家庭里最近的”').waitFor()
    await open(page, '/customers')
    await page.getByRole('button', { name: '全部客户' }).click()
    await page.getByRole('menuitem', { name: /家庭里最近的/ }).click()
    await page.waitForURL(/path=household.*sort=toNext.*dir=asc/)
    const count = await (await page.request.get('/api/customers/count?path=household')).json()
    await page.getByText(`共 ${count.customers.toLocaleString('en')} 户`).waitFor()
    await page.getByRole('button', { name: '家庭里最近的' }).click()
    await page
      .getByRole('menuitem', { name: /家庭里最近的/ })
      .getByRole('button')
      .click()
    await page.getByRole('menuitem', { name: /家庭里最近的/ }).waitFor({ state: 'detached' })
    await page.reload()
    await page.getByRole('button', { name: '视图' }).waitFor()
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'the list is exported as it is filtered, and as a file that a spreadsheet opens',
  async (path) => {
    const page = await (await site(path)).as('analyst')
    await open(page, '/customers?path=household')
    const { customers } = await (await page.request.get('/api/customers/count?path=household')).json()
    for (const [button, ending] of [
      ['导出 CSV', 'csv'],
      ['导出 XLSX', 'xlsx'],
    ] as const) {
      const downloading = page.waitForEvent('download')
      await page.getByRole('button', { name: button }).click()
      const download = await downloading
      expect(download.suggestedFilename()).toMatch(new RegExp(`\\.${ending}$`))
      const bytes = readFileSync(await download.path())
      if (ending === 'xlsx') expect(bytes.subarray(0, 2).toString()).toBe('PK')
      else expect(bytes.toString('utf8').trim().split('\n')).toHaveLength(customers + 1)
    }
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'who may not read the tree reads the own unit in English, as on the list of demo sign-ins',
  async (path) => {
    const { as, browser, address, logins } = await site(path)
    const { unit } = loginOf(logins, 'teller')
    expect(unit.nameEn).toMatch(/^[A-Z]/)
    const page = await as('teller')
    expect((await page.request.get('/api/units')).status()).toBe(403)
    await page.addInitScript(`localStorage.setItem('strata.language', 'en')`)
    await open(page, '/profile')
    await page.getByText(`Teller · ${unit.nameEn}`).first().waitFor()
    expect(await page.getByText(unit.name).count()).toBe(0)
    const entering = await browser.newPage({ baseURL: address })
    await entering.addInitScript(`localStorage.setItem('strata.language', 'en')`)
    await entering.goto('/sign-in')
    await entering.getByRole('button', { name: `Teller ${unit.nameEn}` }).waitFor()
    expect(await entering.getByText(unit.name).count()).toBe(0)
    for (const one of [page, entering]) await one.context().close()
  },
  minutes(4),
)

browserTest(
  'list and record name a unit in the language of the page',
  async (path) => {
    const page = await (await site(path)).as('analyst')
    const { units } = await (await page.request.get('/api/units')).json()
    const { unit, customerNo } = (await (await page.request.get('/api/customers?limit=1')).json()).rows[0]
    const { nameEn } = units.find(({ code }: { code: string }) => code === unit.code)
    expect(nameEn).toMatch(/^[A-Z]/)
    for (const [language, shown, other] of [
      ['zh-CN', unit.name, nameEn],
      ['en', nameEn, unit.name],
    ]) {
      // Before the page that is opened next reads it
      await page.addInitScript(`localStorage.setItem('strata.language', '${language}')`)
      await open(page, `/customers?q=${customerNo}`)
      await page.locator('.list-body').getByRole('cell', { name: shown, exact: true }).waitFor()
      await open(page, `/customers/${customerNo}`)
      await page.locator('.facts').getByText(shown, { exact: true }).first().waitFor()
      expect(await page.getByText(other).count(), language).toBe(0)
    }
    await page.context().close()
  },
  minutes(4),
)
