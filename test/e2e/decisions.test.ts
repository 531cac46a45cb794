/** What people decide in a browser: proposals, another policy on trial, keys for programs, the own password. */
import { expect } from 'vitest'
import { browserTest } from '../support/browser.ts'
import { loginOf, minutes, open, sharedSite } from './site.ts'

const site = sharedSite()

browserTest(
  'a proposal is accepted and one declined by clicking, and both say by whom and why',
  async (path) => {
    const { as, logins } = await site(path)
    const page = await as('riskOfficer')
    await open(page, '/proposals')
    const { rows } = await (await page.request.get('/api/proposals?limit=2')).json()
    expect(rows.length).toBe(2)
    for (const [index, { button, status, note }] of [
      { button: '接受所选', status: '已接受', note: '已核对存单' },
      { button: '拒绝所选', status: '已拒绝', note: '资金即将转出' },
    ].entries()) {
      const { customerNo } = rows[index]
      expect(await page.getByRole('button', { name: button }).isDisabled()).toBe(true)
      await page.getByRole('row').filter({ hasText: customerNo }).getByRole('checkbox').check()
      await page.getByRole('button', { name: button }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('textbox').fill(note)
      await dialog.getByRole('button', { name: button }).click()
      await page.getByText('已处理 1 项').first().waitFor()
      await page.getByRole('row').filter({ hasText: customerNo }).waitFor({ state: 'detached' })
      await page.getByText(status, { exact: true }).click()
      const decided = page.getByRole('row').filter({ hasText: customerNo })
      await decided.getByText(note).waitFor()
      expect(await decided.textContent()).toContain(loginOf(logins, 'riskOfficer').displayName)
      await page.getByText('待复核', { exact: true }).click()
      await page.waitForURL((url) => !/accepted|declined/.test(url.search))
    }
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'a higher bar is tried on the policy page: who would fall, and nothing changes',
  async (path) => {
    const page = await (await site(path)).as('analyst')
    await open(page, '/policy')
    await page.getByText('与现行标准相同').waitFor()
    const body = { bars: [{ tier: 'gold', individualFen: '20000000', householdFen: '20000000' }] }
    const answer = await page.request.post('/api/simulate', {
      data: body,
      headers: { origin: new URL(page.url()).origin },
    })
    const { rises, falls } = await answer.json()
    expect(falls).toBeGreaterThan(0)
    for (const name of ['金卡 个人日均', '金卡 家庭日均']) {
      await page.getByRole('spinbutton', { name, exact: true }).fill('200000')
      await page.keyboard.press('Tab')
    }
    await page.getByText(`升级 ${rises} 户，降级 ${falls} 户`).waitFor()
    await page.getByRole('button', { name: '恢复现行标准' }).click()
    await page.getByText('与现行标准相同').waitFor()
    const current = await (await page.request.get('/api/policies/current')).json()
    expect(current.tiers.find((tier: { code: string }) => tier.code === 'gold').individualFen).toBe('10000000')
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'a key is made, shown once, works, and ends when it is revoked',
  async (path) => {
    const { as, address } = await site(path)
    const page = await as('dataSteward')
    await open(page, '/my-security')
    await page.getByRole('button', { name: '新建密钥' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: '用途' }).fill('夜间上传')
    await dialog.getByRole('button', { name: '新建密钥' }).click()
    await dialog.getByText('密钥只显示这一次').waitFor()
    const token = (await dialog.locator('code').textContent())?.trim() ?? ''
    const status = async () =>
      (await fetch(`${address}/api/session`, { headers: { authorization: `Bearer ${token}` } })).status
    expect(await status()).toBe(200)
    await dialog.getByRole('button', { name: '关闭' }).last().click()
    const row = page.getByRole('row').filter({ hasText: '夜间上传' })
    await row.getByText('有效', { exact: true }).waitFor()
    expect(await page.content()).not.toContain(token)
    await row.getByRole('button', { name: '停用' }).click()
    await page.getByRole('tooltip').getByRole('button').last().click()
    await row.getByText('已停用').waitFor()
    expect(await status()).toBe(401)
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'the own password is changed: a wrong old one is told, and the new one signs in',
  async (path) => {
    const { as, logins, browser, address } = await site(path)
    const page = await as('complianceOfficer')
    const login = loginOf(logins, 'complianceOfficer')
    await open(page, '/my-security')
    await page.getByRole('button', { name: '修改密码' }).click()
    const dialog = page.getByRole('dialog')
    const fill = async (old: string, fresh: string, again = fresh) => {
      await dialog.getByLabel('原密码').fill(old)
      await dialog.getByLabel('新密码', { exact: true }).fill(fresh)
      await dialog.getByLabel('再输一次新密码').fill(again)
      await dialog.getByRole('button', { name: '修改密码' }).click()
    }
    const fresh = 'seven green kettles'
    await fill(login.password, fresh, 'seven green kettle')
    await dialog.getByText('两次输入不一致').waitFor()
    await fill('wrong', fresh)
    await dialog.getByText('原密码不正确').waitFor()
    await fill(login.password, 'short')
    await dialog.getByText('至少 12 个字符').last().waitFor()
    await fill(login.password, fresh)
    await page.getByText('密码已修改').waitFor()
    await page.reload()
    await page.getByRole('heading', { name: '我的安全' }).waitFor()
    const other = await browser.newContext({ baseURL: address })
    const signIn = async (password: string) =>
      (
        await other.request.post('/api/session', { data: { name: login.name, password }, headers: { origin: address } })
      ).status()
    expect([await signIn(login.password), await signIn(fresh)]).toEqual([401, 200])
    await other.close()
    await page.context().close()
  },
  minutes(4),
)
