/** Giving a person a post, or ending one. */
import { sql } from 'kysely'
import { stayGoverned } from '../../access/governed.ts'
import type { PostChange } from '../../contract/changes.ts'
import type { Trx } from '../../db/database.ts'
import { type Day, day, forever, laterOf } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import type { ActContext, Kind, Prepared } from '../kind.ts'
import { openUnit } from '../units.ts'

interface PostRow {
  id: number
  role: string
  unit: string
  unit_id: number
  from_day: string
  to_day: string
}

interface Login {
  id: number
  name: string
  staff_id: number | null
}

export const postKind: Kind<PostChange> = {
  prepare: (context, change) => (change.action === 'give' ? prepareGive(context, change) : prepareEnd(context, change)),

  apply: async ({ trx, clock }, change) => {
    if (change.action === 'give') {
      const unit = await openUnit(trx, change.unit)
      const login = await loginNamed(trx, change.login)
      await sql`insert into post (login_id, role, unit_id, from_day, to_day)
        values (${login.id}, ${change.role}, ${unit.id}, ${change.from}, ${change.to ?? forever})`.execute(trx)
      return
    }
    await stayGoverned(trx, laterOf(change.to, clock.today()), async () => {
      // A post that would end before it begins never was; the audit knows of it.
      await sql`delete from post where id = ${change.post} and from_day >= ${change.to}`.execute(trx)
      await sql`update post set to_day = ${change.to} where id = ${change.post}`.execute(trx)
    })
  },
}

async function prepareGive(context: ActContext, change: Extract<PostChange, { action: 'give' }>): Promise<Prepared> {
  const { trx, clock } = context
  const login = await loginNamed(trx, change.login)
  const unit = await openUnit(trx, change.unit)
  const role = await trx.selectFrom('role').select('customers').where('code', '=', change.role).executeTakeFirst()
  if (!role) refuse('not_found', { what: `role ${change.role}`, whatZh: `角色 ${change.role}` })
  if (role.customers === 'book' && login.staff_id === null)
    refuse('input_invalid', {
      field: 'role',
      reason: 'sees a book only, and this sign-in is no member of staff',
      reasonZh: '只看名下客户，而该账户未关联员工',
    })
  const to = change.to ?? forever
  if (to <= change.from || to <= clock.today())
    refuse('input_invalid', {
      field: 'to',
      reason: 'comes after from, and after today',
      reasonZh: '应晚于起始日和今天',
    })
  const posts = await postsOf(trx, login, clock.today())
  const same = posts.find((post) => post.role === change.role && post.unit_id === unit.id)
  if (same && same.from_day < to && same.to_day > change.from)
    refuse('input_invalid', { field: 'post', reason: 'is held then already', reasonZh: '该期间已持有此岗位' })
  const given = { [`${change.role} @ ${unit.code}`]: span(change.from, to) }
  return {
    subject: `posts of ${login.name}`,
    before: listed(posts),
    after: { ...listed(posts), ...given },
    unitId: unit.id,
    concernsId: login.id,
  }
}

async function prepareEnd(context: ActContext, change: Extract<PostChange, { action: 'end' }>): Promise<Prepared> {
  const { trx, clock } = context
  const { rows } = await sql<PostRow & { login: string }>`select p.id, p.role, u.code as unit, p.unit_id, p.from_day,
      p.to_day, l.name as login
    from post p join unit u on u.id = p.unit_id join login l on l.id = p.login_id where p.id = ${change.post}`.execute(
    trx,
  )
  const post = rows[0] ?? refuse('not_found', { what: `post ${change.post}`, whatZh: `岗位 ${change.post}` })
  if (change.to < clock.today() || change.to >= post.to_day)
    refuse('input_invalid', {
      field: 'to',
      reason: 'is today or later, and before the post ends by itself',
      reasonZh: '应不早于今天，且早于岗位原定结束日',
    })
  const login = await loginNamed(trx, post.login)
  const posts = await postsOf(trx, login, clock.today())
  const ended = posts.flatMap((one) => {
    if (one.id !== post.id) return [one]
    return one.from_day < change.to ? [{ ...one, to_day: change.to }] : []
  })
  return {
    subject: `posts of ${login.name}`,
    before: listed(posts),
    after: listed(ended),
    unitId: post.unit_id,
    concernsId: login.id,
  }
}

async function loginNamed(trx: Trx, name: string): Promise<Login> {
  const found = await trx
    .selectFrom('login')
    .select(['id', 'name', 'staff_id'])
    .where('name', '=', name)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
  return found ?? refuse('not_found', { what: `sign-in ${name}`, whatZh: `账户 ${name}` })
}

/** Those that hold today or later. */
async function postsOf(trx: Trx, login: Login, today: Day): Promise<PostRow[]> {
  const { rows } = await sql<PostRow>`select p.id, p.role, u.code as unit, p.unit_id, p.from_day, p.to_day
    from post p join unit u on u.id = p.unit_id where p.login_id = ${login.id} and p.to_day > ${today}
    order by p.id`.execute(trx)
  return rows
}

function listed(posts: readonly PostRow[]): Record<string, string> {
  return Object.fromEntries(
    posts.map((post) => [`${post.role} @ ${post.unit} #${post.id}`, span(post.from_day, post.to_day)]),
  )
}

function span(from: string, to: string): string {
  return `${day(from)} – ${to === forever ? '' : to}`.trim()
}
