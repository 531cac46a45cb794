/** Signing in step by step in a real browser, by the bank's own sign-on too; and what people do about their sign-in. */
import { AxeBuilder } from '@axe-core/playwright'
import { generateSync } from 'otplib'
import type { Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'
import { everything } from '../../src/db/database.ts'
import { browserTest } from '../support/browser.ts'
import { type TestProvider, testProvider } from '../support/oidc.ts'
import { loginOf, minutes, open, type Site, sharedSite } from './site.ts'

let provider: TestProvider | undefined
const shared = sharedSite(async () => {
  provider = await testProvider()
  return {
    STRATA_OIDC_ISSUER: provider.issuer,
    STRATA_OIDC_CLIENT_ID: provider.clientId,
    STRATA_OIDC_CLIENT_SECRET: provider.clientSecret,
    STRATA_OIDC_GROUPS: 'CN=analysts,OU=crm=analyst@01',
  }
})
afterAll(() => provider?.close())

async function site(path: string): Promise<Site> {
  const opened = await shared(path)
  provider?.register(opened.address)
  return opened
}

const query = ({ workplace }: Site, text: string, values: unknown[] = []) => workplace.db.owner.query(text, values)

/** A page of a browser in which nobody is signed in. */
async function stranger({ browser, address }: Site, path = '/sign-in'): Promise<Page> {
  const context = await browser.newContext({
    baseURL: address,
    viewport: { width: 1440, height: 900 },
    locale: 'zh-CN',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await page.goto(path)
  return page
}

async function enter(page: Page, { name, password }: { name: string; password: string }): Promise<void> {
  await page.getByLabel('用户名').fill(name)
  await page.getByLabel('密码', { exact: true }).fill(password)
  await page.getByRole('button', { name: '登录', exact: true }).click()
}

/** Of the step to come: that of now was used to enrol. */
const nextCode = (secret: string) => generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + 30 })

async function mustBeClean(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  expect(serious.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 160)}`)).toEqual([])
}

/** Scans by reading the secret that is shown, and gives the recovery codes. */
async function enrol(page: Page): Promise<{ secret: string; codes: string[] }> {
  await page.getByRole('img', { name: '两步验证二维码' }).waitFor()
  const secret = ((await page.locator('.secret').textContent()) ?? '').replace(/ /g, '')
  await mustBeClean(page)
  await page.getByLabel('应用显示的 6 位验证码').fill('000000')
  await page.getByRole('button', { name: '确认启用' }).click()
  await page.getByText('验证码不正确').waitFor()
  const code = generateSync({ secret, epoch: Math.floor(Date.now() / 1000) })
  await page.getByLabel('应用显示的 6 位验证码').fill(code)
  await page.getByRole('button', { name: '确认启用' }).click()
  await page.getByText('只显示这一次').waitFor()
  const codes = await page.locator('.once code').allTextContents()
  return { secret, codes }
}

browserTest(
  'a second factor is enrolled, asked for at sign-in, and a recovery code stands in once',
  async (path) => {
    const opened = await site(path)
    const login = loginOf(opened.logins, 'analyst')
    const page = await opened.as('analyst')
    await open(page, '/my-security')
    await page.getByRole('button', { name: '启用', exact: true }).click()
    const { secret, codes } = await enrol(page)
    expect(codes).toHaveLength(10)
    // They are shown this once: no other way out than to say that they are kept
    const dialog = page.getByRole('dialog')
    expect(await dialog.getByRole('button', { name: /Close|关闭|取消/ }).count()).toBe(0)
    await page.keyboard.press('Escape')
    await page.locator('.ant-modal-wrap').click({ position: { x: 5, y: 5 } })
    await dialog.getByText(codes[0] ?? '').waitFor()
    await dialog.getByRole('button', { name: '我已保存' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByText('剩余恢复码').waitFor()
    await page.context().close()

    const other = await stranger(opened, '/units')
    await enter(other, login)
    await other.getByRole('heading', { name: '两步验证' }).waitFor()
    await mustBeClean(other)
    // Not past the step by another address
    await other.goto('/customers')
    await other.getByRole('heading', { name: '两步验证' }).waitFor()
    await other.getByLabel('验证码', { exact: true }).fill('000000')
    await other.getByRole('button', { name: /验证$/ }).click()
    await other.getByText('验证码不正确').waitFor()
    await other.getByLabel('验证码', { exact: true }).fill(nextCode(secret))
    await other.getByRole('button', { name: /验证$/ }).click()
    await other.getByRole('heading', { name: '客户', exact: true }).waitFor()
    await other.context().close()

    const third = await stranger(opened)
    await enter(third, login)
    await third.getByRole('button', { name: '使用恢复码' }).click()
    await third.getByLabel('恢复码', { exact: true }).fill(codes[0]?.toUpperCase() ?? '')
    await third.getByRole('button', { name: /验证$/ }).click()
    await third.waitForURL('**/')
    await open(third, '/my-security')
    await third.getByRole('definition').filter({ hasText: /^9$/ }).waitFor()
    await third.getByRole('button', { name: '停用', exact: true }).click()
    await third.getByRole('tooltip').getByRole('button').last().click()
    await third.getByRole('button', { name: '启用', exact: true }).waitFor()
    await third.context().close()
  },
  minutes(5),
)

browserTest(
  'the bank’s own sign-on lets in by its groups, proves who it is again, and signs out on both sides',
  async (path) => {
    const opened = await site(path)
    provider?.people.set('s-1', { preferred_username: 'lin.yue', name: '林月', groups: ['CN=analysts,OU=crm'] })
    provider?.people.set('s-2', { preferred_username: 'he.ping', name: '何平', groups: ['CN=cleaners'] })
    const page = await stranger(opened, '/units')
    const there = async (target: Page, login: string) => {
      await target.getByLabel('Staff number').fill(login)
      await target.getByRole('button', { name: 'Go on' }).click()
    }
    await mustBeClean(page)
    await page.getByRole('link', { name: '单点登录' }).click()
    await there(page, 's-1')
    await page.waitForURL('**/units')
    await page.getByRole('button', { name: /林月/ }).waitFor()
    // An act that wants proof: the sign-on is asked in a window of its own, then the act is done
    await query(opened, `update session set entered_at = now() - interval '1 hour' where origin = 'oidc'`)
    await open(page, '/my-security')
    await page.getByText('本系统没有您的密码').waitFor()
    await page.getByRole('button', { name: '新建密钥' }).click()
    await page.getByRole('dialog').getByRole('textbox', { name: '用途' }).fill('报表')
    await page.getByRole('dialog').getByRole('button', { name: '新建密钥' }).click()
    const [window] = await Promise.all([
      page.waitForEvent('popup'),
      page.getByRole('button', { name: '前往单点登录确认' }).click(),
    ])
    await there(window, 's-1')
    await page.getByText('密钥只显示这一次').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: '关闭' }).last().click()
    await page.getByRole('button', { name: /账户菜单/ }).click()
    await page.getByText('退出登录').click()
    await page.getByRole('button', { name: 'Sign out there' }).click()
    await page.waitForURL('**/sign-in**')
    // Signed out there too: it asks again, and whoever has no post here is told
    await page.getByRole('link', { name: '单点登录' }).click()
    await there(page, 's-2')
    await page.getByText('您所在的用户组在本系统没有岗位').waitFor()
    await page.context().close()
  },
  minutes(5),
)

browserTest(
  'a session is revoked from another browser, whose page says so at once',
  async (path) => {
    const opened = await site(path)
    const here = await opened.as('riskOfficer')
    const there = await opened.as('riskOfficer')
    await open(there, '/customers')
    await open(here, '/my-security')
    const rows = here.getByRole('row').filter({ hasText: 'Chrome · Linux' })
    await here.getByText('本次登录').waitFor()
    expect(await rows.count()).toBe(2)
    await rows.getByRole('button', { name: '结束' }).click()
    await here.getByRole('tooltip').getByRole('button').last().click()
    await here.getByText('已结束 1 个会话').waitFor()
    await there.waitForURL('**/sign-in?to=%2Fcustomers&ended=1')
    await there.getByText('登录已结束').waitFor()
    await here.getByText('本次登录').waitFor()
    expect(await rows.count()).toBe(1)
    await enter(there, loginOf(opened.logins, 'riskOfficer'))
    await there.waitForURL('**/customers')
    await there.context().close()
    await here.context().close()
  },
  minutes(4),
)

browserTest(
  'a session that runs out leads to sign-in without a click, and each open page back to where it was',
  async (path) => {
    const opened = await site(path)
    const login = loginOf(opened.logins, 'riskOfficer')
    const first = await opened.as('riskOfficer')
    await open(first, '/customers')
    const second = await first.context().newPage()
    await open(second, '/policy')
    await first.locator('.bar-live.live').waitFor()
    await second.locator('.bar-live.live').waitFor()
    await query(
      opened,
      `update session set expires_at = now() - interval '1 second'
       where login_id = (select id from login where name = $1)`,
      [login.name],
    )
    // The server tells by its heartbeat, which comes three times a minute
    await first.waitForURL('**/sign-in?to=%2Fcustomers&ended=1', { timeout: 60_000 })
    await second.waitForURL('**/sign-in?to=%2Fpolicy&ended=1', { timeout: 60_000 })
    await enter(first, login)
    await first.waitForURL('**/customers')
    await first.context().close()
  },
  minutes(4),
)

browserTest(
  'a new user sets a password and, where the role asks for it, a second factor before anything else',
  async (path) => {
    const opened = await site(path)
    const admin = await opened.as('administrator')
    await open(admin, '/users')
    await admin.getByRole('button', { name: '新建用户' }).click()
    const dialog = admin.getByRole('dialog')
    await dialog.getByLabel('用户名').fill('zhou.qi')
    await dialog.getByLabel('姓名').fill('周琪')
    await dialog.getByRole('button', { name: '新建用户' }).click()
    await dialog.getByText('周琪 (zhou.qi)的临时密码').waitFor()
    expect(await dialog.getByRole('button', { name: '取消' }).count()).toBe(0)
    const password = ((await dialog.locator('.once code').textContent()) ?? '').trim()
    await mustBeClean(admin)
    await dialog.getByRole('button', { name: '关闭' }).last().click()
    await query(
      opened,
      `insert into post (login_id, role, unit_id, from_day)
       select l.id, 'dataSteward', u.id, '2020-01-01' from login l, unit u where l.name = 'zhou.qi' and u.parent_id is null`,
    )
    await admin.getByRole('tab', { name: '两步验证要求' }).click()
    await admin.getByRole('switch', { name: /数据管理/ }).click()
    const sure = admin.getByRole('dialog')
    await sure.getByText('共有 2 人担任此角色').waitFor()
    await sure.getByText('其中 2 人尚未启用').waitFor()
    expect(await admin.locator('[role=switch][aria-checked=true]').count()).toBe(0)
    await mustBeClean(admin)
    await sure.getByRole('button', { name: '要求启用' }).click()
    await admin.locator('[role=switch][aria-checked=true]').waitFor()
    await admin.context().close()

    const page = await stranger(opened, '/loads')
    await enter(page, { name: 'zhou.qi', password })
    await page.getByRole('heading', { name: '设置本人密码' }).waitFor()
    await mustBeClean(page)
    const set = async (fresh: string) => {
      await page.getByLabel('新密码', { exact: true }).fill(fresh)
      await page.getByLabel('再输一次新密码').fill(fresh)
      await page.getByRole('button', { name: '设置密码' }).click()
    }
    await set('woaini1314520')
    await page.getByText('新密码不可用').waitFor()
    await set('seven green kettles')
    await page.getByRole('heading', { name: '启用两步验证' }).waitFor()
    await enrol(page)
    await page.getByRole('button', { name: '继续' }).click()
    await page.waitForURL('**/loads')
    await page.getByRole('heading', { name: '数据装载' }).waitFor()
    await page.context().close()
    await opened.workplace.db.withScope(everything, (trx) =>
      trx.updateTable('role').set({ second_factor: false }).where('code', '=', 'dataSteward').execute(),
    )
  },
  minutes(5),
)
