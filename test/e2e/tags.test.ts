/** Tags in a browser: a word is made, put on a customer and on a filtered list, filtered by, and taken off again. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { browserTest } from '../support/browser.ts'
import { minutes, open, sharedSite } from './site.ts'

const site = sharedSite()

const choose = async (page: Page, label: string, option: string) => {
  await page.getByRole('dialog').getByRole('combobox', { name: label }).click()
  await page.getByTitle(option, { exact: true }).last().click()
}

browserTest(
  'a tag is made, put on one customer and on a list, filtered by, and taken off',
  async (path) => {
    const opened = await site(path)
    const page = await opened.as('dataSteward')
    const dialog = page.getByRole('dialog')
    await open(page, '/tags')
    await page.getByRole('button', { name: '新建标签' }).click()
    await dialog.getByRole('textbox', { name: '名称', exact: true }).fill('出国留学')
    await dialog.getByText('青', { exact: true }).click()
    await dialog.getByRole('button', { name: '保存' }).click()
    await page.getByRole('row').filter({ hasText: '出国留学' }).waitFor()

    const { rows } = await (await page.request.get('/api/customers?limit=2')).json()
    const no: string = rows[0].customerNo
    await open(page, `/customers/${no}`)
    await page.getByRole('button', { name: '变更标签' }).click()
    await choose(page, '标签', '出国留学')
    // Closes the list of choices, which lies over the button
    await dialog.getByText('变更标签').click()
    await dialog.getByRole('button', { name: '保存' }).click()
    await page.locator('.page-head .tag').getByText('出国留学').waitFor()

    await open(page, '/customers?kind=company&cols=name,customerNo,tags')
    await page.getByRole('button', { name: '批量标签' }).click()
    await choose(page, '选择标签', '出国留学')
    await dialog.getByText('位会变更').waitFor()
    await dialog.getByRole('textbox', { name: '事由' }).fill('留学金融活动')
    await dialog.getByRole('button', { name: '贴上标签' }).click()
    await page.getByText('位客户已变更').waitFor()
    await page.locator('.tag').getByText('出国留学').first().waitFor()

    await page.getByRole('combobox', { name: '标签' }).click()
    await page.getByTitle('出国留学', { exact: true }).last().click()
    expect(page.url()).toMatch(/tag=/)
    await open(page, `${page.url()}`.replace('kind=company&', ''))
    await page.getByText(no).first().waitFor()
    await page.context().close()
  },
  minutes(4),
)

const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'

browserTest(
  'the pages are axe clean and fit a phone, in both languages',
  async (path) => {
    const opened = await site(path)
    for (const width of [1440, 390]) {
      const page = await opened.as('dataSteward', { viewport: { width, height: 900 } })
      await page.request.post('/api/tags', {
        data: { zh: '小微企业主', en: 'Small business', colour: 'warn', roles: [] },
      })
      const { rows } = await (await page.request.get('/api/tags')).json()
      const { rows: customers } = await (await page.request.get('/api/customers?limit=1')).json()
      const no = customers[0].customerNo
      await page.request.post(`/api/customers/${no}/tags`, { data: { put: [rows[0].id] } })
      for (const language of ['zh-CN', 'en']) {
        // On a phone the list shows cards, without tags
        const list = width > 390 ? ['/customers?cols=name,customerNo,tags'] : []
        for (const address of ['/tags', `/customers/${no}?tab=notes`, ...list]) {
          await open(page, address)
          expect(await page.evaluate(overflow), address).toBeLessThanOrEqual(0)
          const { violations } = await new AxeBuilder({ page }).exclude('[role=tablist]').analyze()
          const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
          const found = serious.map(({ id, nodes }) => `${language} ${width} ${id} ${nodes[0]?.html.slice(0, 160)}`)
          expect(found, address).toEqual([])
        }
        if (language === 'en') continue
        await page.getByRole('button', { name: '切换语言' }).click()
        await page.locator('html[lang=en]').waitFor()
      }
      await page.context().close()
    }
  },
  minutes(6),
)
