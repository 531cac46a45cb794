/** Users and alerts in a real browser: lock and unlock, re-entry before it, programs and their keys, break-glass use. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { makeBreakGlass } from '../../src/access/break-glass.ts'
import { browserTest } from '../support/browser.ts'
import { loginOf, minutes, open, type Site, sharedSite } from './site.ts'

const site = sharedSite()

const query = ({ workplace }: Site, text: string, values: unknown[] = []) => workplace.db.owner.query(text, values)

/** The page of one user, found by the search of the list. */
async function openUser(page: Page, name: string): Promise<void> {
  await open(page, '/users')
  await page.getByLabel('用户名、姓名或员工代码').fill(name)
  await page.getByText('1 个用户').waitFor()
  await page.getByRole('link', { name, exact: true }).click()
  await page.getByRole('heading', { name: '登录信息' }).waitFor()
}

const statusOf = async ({ address }: Site, credentials: { name: string; password: string }) =>
  (
    await fetch(`${address}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: address },
      body: JSON.stringify({ name: credentials.name, password: credentials.password }),
    })
  ).status

browserTest(
  'a lock asks for the password again, throws the person out at once, and is lifted',
  async (path) => {
    const opened = await site(path)
    const teller = loginOf(opened.logins, 'teller')
    const admin = await opened.as('administrator')
    const counter = await opened.as('teller')
    await open(counter, '/customers')
    await openUser(admin, teller.name)
    await query(
      opened,
      `update session set entered_at = now() - interval '1 hour'
       where login_id = (select id from login where name = $1)`,
      [loginOf(opened.logins, 'administrator').name],
    )
    await admin.getByRole('button', { name: '锁定' }).click()
    const lock = admin.getByRole('dialog', { name: /^锁定/ })
    await lock.getByText('必填', { exact: true }).waitFor()
    expect(await lock.getByRole('button', { name: '锁定' }).isDisabled()).toBe(true)
    await lock.getByRole('textbox', { name: '原因' }).fill('设备遗失')
    await lock.getByRole('button', { name: '锁定' }).click()
    const proof = admin.getByRole('dialog', { name: '再次确认身份' })
    await proof.getByLabel('您的密码').fill('wrong')
    await proof.getByRole('button', { name: '确认' }).click()
    await proof.getByText('密码不正确').waitFor()
    await proof.getByLabel('您的密码').fill(loginOf(opened.logins, 'administrator').password)
    await proof.getByRole('button', { name: '确认' }).click()
    await admin.getByText(/锁定: 设备遗失/).waitFor()
    await counter.waitForURL('**/sign-in?**')
    await counter.getByText('登录已结束').waitFor()
    expect(await statusOf(opened, teller)).toBe(423)
    // Given a moment ago, it is not asked for again
    await admin.getByRole('button', { name: '解锁' }).click()
    await admin.getByRole('dialog').getByRole('button', { name: '解锁' }).click()
    await admin.getByText('正常', { exact: true }).waitFor()
    expect(await statusOf(opened, teller)).toBe(200)
    await counter.context().close()
    await admin.context().close()
  },
  minutes(4),
)

browserTest(
  'who declines to prove who they are has done nothing',
  async (path) => {
    const opened = await site(path)
    const admin = await opened.as('administrator')
    await openUser(admin, loginOf(opened.logins, 'lobbyManager').name)
    await query(opened, `update session set entered_at = now() - interval '1 hour'`)
    await admin.getByRole('button', { name: '重置密码' }).click()
    await admin.getByRole('dialog', { name: '重置密码' }).getByRole('button', { name: '重置密码' }).click()
    await admin.getByRole('dialog', { name: '再次确认身份' }).getByRole('button', { name: '取消' }).click()
    await admin.getByText('须在 10 分钟内输入过密码或验证码').waitFor()
    expect(await statusOf(opened, loginOf(opened.logins, 'lobbyManager'))).toBe(200)
    await admin.context().close()
  },
  minutes(4),
)

browserTest(
  'a program is made and given a key that does one thing',
  async (path) => {
    const opened = await site(path)
    const page = await opened.as('dataSteward')
    await open(page, '/users')
    await page.getByRole('button', { name: '新建系统接口' }).click()
    const making = page.getByRole('dialog')
    await making.getByLabel('标识').fill('core.bank')
    await making.getByLabel('名称').fill('核心系统')
    await making.getByRole('combobox', { name: '机构' }).click()
    await page.getByTitle(/总行$/).first().click()
    await making.getByRole('button', { name: '新建系统接口' }).click()
    const row = page.getByRole('row').filter({ hasText: 'core.bank' })
    await row.getByRole('button', { name: '新建密钥' }).click()
    const dialog = page.getByRole('dialog', { name: 'core.bank 的密钥' })
    await dialog.getByRole('textbox', { name: '用途' }).fill('夜间上传')
    await dialog.getByRole('combobox', { name: '权限范围' }).click()
    await page.getByTitle('上传数据').click()
    await dialog.getByText('上传数据').first().waitFor()
    await page.keyboard.press('Escape')
    await dialog.getByRole('button', { name: '新建密钥' }).click()
    const token = ((await dialog.locator('.once code').textContent()) ?? '').trim()
    const reply = await fetch(`${opened.address}/api/session`, { headers: { authorization: `Bearer ${token}` } })
    expect(((await reply.json()) as { permissions: string[] }).permissions).toEqual(['loads.upload'])
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'the use of a break-glass account is told to compliance as it happens, and taken with a note',
  async (path) => {
    const opened = await site(path)
    const { db, clock } = opened.workplace
    const made = await makeBreakGlass(db, clock, { name: 'emergency', hours: 4, days: 30 })
    const officer = await opened.as('complianceOfficer')
    await open(officer, '/customers')
    expect(await statusOf(opened, { name: 'emergency', password: made.password })).toBe(200)
    const banner = officer.getByRole('complementary', { name: '安全告警' })
    await banner.getByText('有 1 条安全告警待确认，最新：应急账户被使用').waitFor()
    await banner.getByRole('link', { name: '查看' }).click()
    const row = officer.getByRole('row').filter({ hasText: 'emergency' })
    await row.getByRole('button', { name: '确认' }).click()
    const dialog = officer.getByRole('dialog')
    await dialog.getByText('必填', { exact: true }).waitFor()
    await dialog.getByRole('textbox', { name: '核实情况' }).fill('机房断网演练')
    await dialog.getByRole('button', { name: '确认' }).click()
    await officer.getByText('没有待确认的告警').waitFor()
    await banner.waitFor({ state: 'detached' })
    await officer.getByTitle('已确认').click()
    await officer.getByText('机房断网演练').waitFor()
    await officer.context().close()
  },
  minutes(4),
)

browserTest(
  'users and alerts fit a phone and are clean for axe in both languages',
  async (path) => {
    const opened = await site(path)
    const [{ id }] = (await query(opened, `select id from login where name = $1`, [opened.logins[0]?.name])).rows
    for (const width of [1440, 390]) {
      const page = await opened.as('administrator', { viewport: { width, height: 900 } })
      for (const address of [
        '/users',
        '/users?tab=programs',
        '/users?tab=factors',
        `/users/${id}`,
        '/security-alerts?state=all',
      ]) {
        await open(page, address)
        for (const language of ['zh-CN', 'en']) {
          if (language === 'en') await page.getByRole('button', { name: '切换语言' }).click()
          await page.locator(`html[lang=${language}]`).waitFor()
          const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
          expect(over, `${address} ${width}`).toBeLessThanOrEqual(0)
          const { violations } = await new AxeBuilder({ page }).analyze()
          const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
          const said = serious.map((one) => `${address} ${language} ${one.id} ${one.nodes[0]?.html.slice(0, 160)}`)
          expect(said).toEqual([])
        }
        await page.getByRole('button', { name: '中文' }).click()
      }
      await page.context().close()
    }
  },
  minutes(5),
)
