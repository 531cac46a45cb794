/** Value states over HTTP: moves, the decision of what a night proposed, winning back, losses; and the list by state. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { positions } from '../src/desk/value-states/value-states.ts'
import { erasingPlace } from '../src/nightly/workplace.ts'
import { type Person, type TestSite, testSite } from './support/api.ts'
import { auditEntries } from './support/audit.ts'
import { parseCsv } from './support/csv.ts'
import { eraseNow } from './support/erasing.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
let manager: Person

beforeAll(async () => {
  site = await testSite()
  bank = await smallBank(site.workplace.db, site.workplace.keys)
  manager = await site.person('branchManager', bank.units[0]?.id ?? 0)
})
afterAll(() => site.close())

const query = (text: string, values: unknown[] = []) => site.database.db.owner.query(text, values)
const urlOf = (id: number) => `/api/customers/20000${String(id).padStart(4, '0')}/value-state`
const recordOf = async (id: number) => (await manager.get(urlOf(id))).json
const lost = { state: 'lost', stage: 'break' }

async function move(id: number, to: object, more: object = {}) {
  const { current } = await recordOf(id)
  return manager.send('POST', urlOf(id), { entry: current.id, to, ...more })
}

/** As a night does, without one. */
async function propose(id: number, cause: string): Promise<string> {
  const { rows } = await query(
    `insert into value_proposal (night_id, party_id, cause, entry_id, proposed_on, average_fen, average_before_fen)
     select $1, party_id, $3, entry_id, '2026-10-31', 500, 4000000 from value_now where party_id = $2 returning id`,
    [bank.nights[1], id, cause],
  )
  return String(rows[0].id)
}

/** Every line of entries has one beginning, one end, which is the current row, and days that rise. */
async function linesHold(): Promise<void> {
  const { rows } = await query(`select v.party_id,
      count(*) filter (where v.previous_id is null) as openings,
      count(*) filter (where not exists (select from value_state f where f.previous_id = v.id)) as ends,
      bool_and(coalesce(v.from_day >= b.from_day, true)) as rises,
      bool_and(b.id is null or b.party_id = v.party_id) as own,
      bool_or(n.entry_id = v.id and not exists (select from value_state f where f.previous_id = v.id)
        and (n.state, n.since) = (v.state, v.from_day) and n.stage is not distinct from v.stage) as current
    from value_state v left join value_state b on b.id = v.previous_id
    left join value_now n on n.party_id = v.party_id group by v.party_id`)
  expect(rows.length).toBe(bank.customers.length)
  for (const { party_id, ...row } of rows) {
    expect([party_id, row]).toEqual([party_id, { openings: 1n, ends: 1n, rises: true, own: true, current: true }])
  }
}
beforeEach(linesHold)

describe('a move', () => {
  test('begins with the opening of the first night, and offers only what is allowed', async () => {
    expect(await recordOf(2)).toMatchObject({
      current: { state: 'actual', stage: 'grow', fromDay: '2026-09-30', source: 'opening', by: null },
      moves: [
        { state: 'actual', stage: 'keep', needsReason: false },
        { state: 'actual', stage: 'break', needsReason: false },
        { state: 'lost', stage: 'break', needsReason: true },
      ],
      history: [{}],
      proposal: null,
      winBack: null,
    })
  })

  test('adds an entry with who and why; a loss is to be won back within 30 days', async () => {
    const answer = await move(2, lost, { reason: 'rival', fromDay: '2026-11-01', note: '转去他行' })
    expect(answer.status).toBe(201)
    expect(answer.json).toMatchObject({
      current: {
        ...lost,
        fromDay: '2026-11-01',
        source: 'person',
        by: manager.name,
        reason: 'rival',
        note: '转去他行',
      },
      history: [{}, { source: 'opening' }],
      winBack: { openedOn: '2026-11-02', dueOn: '2026-12-02' },
    })
    expect((await auditEntries(site.database.db, site.workplace.keys, 'moveValueState')).at(-1)).toMatchObject({
      reason: '转去他行',
      partyId: 2n,
      before: { state: 'actual', stage: 'grow' },
    })
  })

  test('of a company that was dissolved opens no win-back', async () => {
    expect((await move(11, lost, { reason: 'closed' })).json.winBack).toBeNull()
  })

  test.each<[string, object, object, number, string]>([
    ['not in the table', { state: 'target', stage: 'build' }, {}, 422, 'value_move_refused'],
    ['no place at all', { state: 'actual', stage: null }, {}, 422, 'value_move_refused'],
    ['without a reason', lost, {}, 422, 'loss_reason_missing'],
    [
      'with a reason where nobody is lost',
      { state: 'actual', stage: 'keep' },
      { reason: 'price' },
      422,
      'loss_reason_unfit',
    ],
    ['"unknown"', lost, { reason: 'unknown' }, 400, 'input_invalid'],
    ['before the current entry', lost, { reason: 'price', fromDay: '2026-09-29' }, 422, 'value_day_refused'],
    ['tomorrow', lost, { reason: 'price', fromDay: '2026-11-03' }, 422, 'value_day_refused'],
    ['of an old entry', { state: 'actual', stage: 'keep' }, { entry: '1' }, 409, 'value_state_stale'],
  ])('is refused: %s; then nothing has changed', async (_name, to, more, status, code) => {
    const before = await recordOf(4)
    const answer = await move(4, to, more)
    expect([answer.status, answer.json.code]).toEqual([status, code])
    expect(await recordOf(4)).toEqual(before)
  })

  test('that is refused says from where to where, and what is allowed, in both languages', async () => {
    const { detail, detailEn } = (await move(4, { state: 'potential', stage: null })).json
    expect(detail).toBe(
      '不能从“现实客户 · 发展”变为“潜在客户”；可变为：现实客户 · 维持、现实客户 · 破裂、流失客户 · 破裂',
    )
    expect(detailEn).toContain('Actual · Grow cannot become Potential')
  })

  test('by two people at once is one move, and the other is told', async () => {
    const { current } = await recordOf(4)
    const to = { state: 'actual', stage: 'keep' }
    const other = await site.person('outletManager', bank.units[0]?.id ?? 0)
    const answers = await Promise.all(
      [manager, other].map((one) => one.send('POST', urlOf(4), { entry: current.id, to })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
    expect((await recordOf(4)).history.length).toBe(2)
  })

  test('random ones leave each line whole', async () => {
    let seed = 7
    const next = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % below
    }
    for (let i = 0; i < 120; i++) {
      const id = 12 + next(5)
      const before = await recordOf(id)
      const allowed = before.moves[next(before.moves.length)]
      const to = next(3) === 0 ? positions[next(positions.length)] : { state: allowed.state, stage: allowed.stage }
      const answer = await move(id, to!, next(2) === 0 ? { reason: 'price' } : {})
      const after = await recordOf(id)
      if (answer.status === 201) expect(after.history.slice(1)).toEqual(before.history)
      else expect(after).toEqual(before)
    }
    await linesHold()
  })

  test('an entry is changed by nobody, not even the owner; its note alone goes', async () => {
    await expect(query(`update value_state set state = 'lost', stage = 'break'`)).rejects.toThrow('only ever added')
    await expect(query('update value_state set from_day = from_day - 1')).rejects.toThrow('only ever added')
    await expect(query('delete from value_state')).rejects.toThrow('only ever added')
    await query('update value_state set note = null where party_id = 2')
    expect((await recordOf(2)).current).toMatchObject({ ...lost, note: null })
  })
})

describe('what a night proposed', () => {
  const list = async (more = '') => (await manager.get(`/api/value-proposals?${more}`)).json

  test('is accepted for many at once with one reason: they are lost, and to be won back', async () => {
    const ids = [await propose(20, 'dormant'), await propose(21, 'balancesGone')]
    expect((await list()).rows).toMatchObject([
      { cause: 'balancesGone', from: { state: 'actual', stage: 'grow' }, to: lost, averageFen: '500' },
      { cause: 'dormant' },
    ])
    const without = await manager.send('POST', '/api/value-proposals/decide', { decision: 'accepted', ids })
    expect([without.status, without.json.code]).toEqual([422, 'loss_reason_missing'])
    const body = { decision: 'accepted', ids, reason: 'needsGone', note: '已结清' }
    expect((await manager.send('POST', '/api/value-proposals/decide', body)).json).toEqual({ decided: 2 })
    for (const id of [20, 21]) {
      const { current, winBack, proposal } = await recordOf(id)
      expect(current).toMatchObject({ ...lost, source: 'night', by: manager.name, reason: 'needsGone', note: '已结清' })
      expect([winBack.dueOn, proposal]).toEqual(['2026-12-02', null])
    }
    expect((await list('status=accepted')).rows).toMatchObject([{ decidedBy: manager.name, reason: 'needsGone' }, {}])
    const again = await manager.send('POST', '/api/value-proposals/decide', body)
    expect([again.status, again.json.code]).toEqual([409, 'value_proposal_decided'])
  })

  test('is kept with a reason in words, and only with one', async () => {
    const ids = [await propose(22, 'dormant')]
    const bare = await manager.send('POST', '/api/value-proposals/decide', { decision: 'kept', ids })
    expect(bare.status).toBe(400)
    const kept = await manager.send('POST', '/api/value-proposals/decide', { decision: 'kept', ids, note: '出国半年' })
    expect(kept.json).toEqual({ decided: 1 })
    expect((await recordOf(22)).history.length).toBe(1)
    expect((await list('status=kept')).rows).toMatchObject([{ note: '出国半年' }])
  })

  test('of one who came back takes no reason, and closes the win-back', async () => {
    const ids = [await propose(20, 'cameBack')]
    const unfit = { decision: 'accepted', ids, reason: 'price' }
    expect((await manager.send('POST', '/api/value-proposals/decide', unfit)).json.code).toBe('loss_reason_unfit')
    await manager.send('POST', '/api/value-proposals/decide', { decision: 'accepted', ids })
    expect(await recordOf(20)).toMatchObject({ current: { state: 'actual', stage: 'winBack' }, winBack: null })
    const { rows } = (await manager.get('/api/win-backs?outcome=back')).json
    expect(rows.map((row: { customerNo: string }) => row.customerNo)).toContain('200000020')
  })

  test('is withdrawn when a person moves the customer first', async () => {
    const id = await propose(23, 'dormant')
    await move(23, { state: 'actual', stage: 'break' })
    const answer = await manager.send('POST', '/api/value-proposals/decide', {
      decision: 'accepted',
      ids: [id],
      reason: 'price',
    })
    expect(answer.json.code).toBe('value_proposal_decided')
  })

  test('with one that cannot be decided decides none; nobody decides about customers out of sight', async () => {
    const id = await propose(24, 'dormant')
    const body = { decision: 'kept', ids: [id, '999999'], note: '已联系' }
    expect((await manager.send('POST', '/api/value-proposals/decide', body)).status).toBe(404)
    expect((await list('cause=dormant')).total).toBe(1)
    const unit = bank.customers[23]?.unit
    const elsewhere = bank.units.find(
      (one) => one.parent !== null && one.id !== unit && !['U1', 'U2'].includes(one.code),
    )
    const stranger = await site.person('outletManager', elsewhere?.id ?? 0)
    const answer = await stranger.send('POST', '/api/value-proposals/decide', { ...body, ids: [id] })
    expect(answer.status).toBe(404)
  })
})

describe('winning back', () => {
  const list = async (more = '') => (await manager.get(`/api/win-backs?${more}`)).json

  test('is a list by due day or by what was lost, page by page, each once', async () => {
    for (const [id, reason] of [
      [30, 'price'],
      [31, 'price'],
      [32, 'moved'],
    ] as const)
      await move(id, lost, { reason })
    const all = (await list('limit=500')).rows.map((row: { id: string }) => row.id)
    for (const order of ['sort=due&dir=asc', 'sort=due&dir=desc', 'sort=former&dir=asc', 'sort=former&dir=desc']) {
      const seen: { id: string; dueOn: string; formerAverageFen: string }[] = []
      for (let next: string | null = ''; next !== null; ) {
        const page = await list(`limit=2&${order}${next && `&cursor=${next}`}`)
        seen.push(...page.rows)
        next = page.next
      }
      expect(seen.map((row) => row.id).sort()).toEqual(all.toSorted())
      const keys = seen.map((row) => (order.includes('due') ? Date.parse(row.dueOn) : Number(row.formerAverageFen)))
      expect(keys).toEqual(keys.toSorted((a, b) => (order.includes('asc') ? a - b : b - a)))
    }
    expect((await list('reason=price')).total).toBe((await list('reason=price&limit=500')).rows.length)
    expect((await list('sort=due&cursor=abc')).code).toBe('cursor_invalid')
  })

  test('is overdue on the day after it is due', async () => {
    const before = await list('limit=500')
    const [first] = before.rows
    for (const [due, overdue] of [
      ['2026-11-01', true],
      ['2026-11-02', false],
      ['2026-11-03', false],
    ] as const) {
      await query('update win_back set opened_on = $2, due_on = $2 where id = $1', [first.id, due])
      expect((await list('overdue=true')).total).toBe(overdue ? 1 : 0)
      expect((await list('overdue=false')).total).toBe(before.total - (overdue ? 1 : 0))
    }
  })

  test('ends once: back, not back, or lost for good with a reason', async () => {
    const idOf = async (customerNo: string) =>
      (await list('limit=500')).rows.find((row: { customerNo: string }) => row.customerNo === customerNo).id
    const end = (id: string, body: object) => manager.send('POST', `/api/win-backs/${id}/outcome`, body)
    const [first, second, third] = [await idOf('200000030'), await idOf('200000031'), await idOf('200000032')]
    expect((await end(first, { outcome: 'back', note: '存款已转回' })).json).toMatchObject({
      outcome: 'back',
      closedOn: '2026-11-02',
      closedBy: manager.name,
    })
    expect((await recordOf(30)).current).toMatchObject({ state: 'actual', stage: 'winBack', note: '存款已转回' })
    await move(31, { state: 'lost', stage: 'winBack' })
    expect((await end(second, { outcome: 'notBack' })).json.outcome).toBe('notBack')
    expect((await recordOf(31)).current).toMatchObject(lost)
    expect((await end(third, { outcome: 'permanentlyLost' })).json.code).toBe('loss_reason_missing')
    expect((await end(third, { outcome: 'back', reason: 'price' })).json.code).toBe('loss_reason_unfit')
    await end(third, { outcome: 'permanentlyLost', reason: 'closed' })
    expect(await recordOf(32)).toMatchObject({ current: { state: 'permanentlyLost', reason: 'closed' }, winBack: null })
    expect((await end(third, { outcome: 'back' })).json.code).toBe('win_back_closed')
  })

  test('shows a relationship manager the own book', async () => {
    const staff = bank.managers[0] ?? 0
    const rm = await site.person('relationshipManager', bank.units[0]?.id ?? 0, staff)
    const seen = (await rm.get('/api/win-backs?limit=500')).json.rows.map(
      (row: { customerNo: string }) => row.customerNo,
    )
    const open = (await list('limit=500')).rows.map((row: { customerNo: string }) => row.customerNo)
    const own = bank.customers.filter(({ rm: of }) => of === staff).map(({ customerNo }) => customerNo)
    expect(seen.toSorted()).toEqual(open.filter((no: string) => own.includes(no)).toSorted())
  })
})

describe('losses', () => {
  test('are counted by month, unit and reason with what they had, as list and as file', async () => {
    const { rows } =
      await query(`select to_char(v.from_day, 'YYYY-MM') as month, u.code, v.reason, count(*)::int as customers,
        sum(v.former_average_fen)::text as former
      from value_state v join unit u on u.id = v.unit_id
      where v.state = 'lost' and v.reason is not null and (select b.state from value_state b where b.id = v.previous_id) = 'actual'
      group by 1, 2, 3`)
    const answer = (await manager.get('/api/losses?limit=500')).json
    const key = (row: { month: string; reason: string }, code: string) => `${row.month} ${code} ${row.reason}`
    const wanted = Object.fromEntries(rows.map((row) => [key(row, row.code), [row.customers, row.former]]))
    const found = Object.fromEntries(
      answer.rows.map(
        (row: {
          month: string
          reason: string
          unit: { code: string }
          customers: number
          formerAverageFen: string
        }) => [key(row, row.unit.code), [row.customers, row.formerAverageFen]],
      ),
    )
    expect(found).toEqual(wanted)
    expect(answer.total).toBe(rows.reduce((sum, row) => sum + row.customers, 0))
    const file = await manager.get('/api/losses/export?language=en')
    expect(parseCsv(file.text).length).toBe(rows.length)
    const paged: unknown[] = []
    for (let next: string | null = ''; next !== null; ) {
      const page: { rows: unknown[]; next: string | null } = (
        await manager.get(`/api/losses?limit=1${next && `&cursor=${next}`}`)
      ).json
      paged.push(...page.rows)
      next = page.next
    }
    expect(paged).toEqual(answer.rows)
    expect((await manager.get('/api/losses?from=2020-01&to=2026-10')).json.total).toBe(0)
    const unit = answer.rows[0].unit.code
    const ofUnit = answer.rows.filter((row: { unit: { code: string } }) => row.unit.code === unit && unit !== 'U0')
    if (ofUnit.length > 0)
      expect((await manager.get(`/api/losses?unit=${unit}`)).json.rows).toEqual(expect.arrayContaining(ofUnit))
  })
})

test('the list of customers shows and filters by state and stage, and counts the same', async () => {
  const { rows } = await query('select party_id, state, stage from value_now')
  const numbers = (state: string[], stage: string[]) =>
    rows
      .filter(
        (row) => (state.length === 0 || state.includes(row.state)) && (stage.length === 0 || stage.includes(row.stage)),
      )
      .map((row) => bank.customers[Number(row.party_id) - 1]?.customerNo)
      .sort()
  for (const [state, stage] of [
    [['lost'], []],
    [['lost', 'permanentlyLost'], []],
    [[], ['break']],
    [['actual'], ['winBack', 'keep']],
  ] as [string[], string[]][]) {
    const filter = `${state.length ? `state=${state}` : ''}&${stage.length ? `stage=${stage}` : ''}`
    const list = (await manager.get(`/api/customers?limit=500&${filter}`)).json
    expect(list.rows.map((row: { customerNo: string }) => row.customerNo).sort()).toEqual(numbers(state, stage))
    for (const { valueState } of list.rows) if (state.length) expect(state).toContain(valueState.state)
    expect((await manager.get(`/api/customers/count?${filter}`)).json.customers).toBe(list.rows.length)
  }
  expect((await manager.get('/api/customers?state=unknown')).status).toBe(400)
})

test('an erased customer is neither moved nor won back, and the notes are gone', async () => {
  await move(40, lost, { reason: 'moved', note: '搬去海州' })
  await eraseNow(erasingPlace(site.workplace), { customerNo: '200000040', reason: '客户申请' })
  const record = await recordOf(40)
  expect(record).toMatchObject({ moves: [], winBack: null, current: { ...lost, reason: 'moved', note: null } })
  expect((await move(40, { state: 'actual', stage: 'winBack' })).json.code).toBe('already_erased')
})
