/** For a person and a customer: what each post and each grant does, with the rule by which it does it. */
import { sql } from 'kysely'
import type { Output } from '../contract/endpoint.ts'
import { editableFields, fieldGroups, groupOfFact, type Permission } from '../contract/permission.ts'
import type { explainAccess } from '../contract/sight.ts'
import type { UserState } from '../contract/users.ts'
import { type Database, everything, type Trx } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { holds, isAll } from '../kit/unit-set.ts'
import { editsOf, fieldsOf } from './fields.ts'
import { type Post, placesOf, rightsByPosts, type Session } from './session.ts'
import { type NamedWall, type PostSight, sightByPost } from './sight.ts'
import { stateOf } from './user-list.ts'

type Explained = Output<typeof explainAccess>

interface Customer {
  id: bigint
  customer_no: string
  unit_id: number
  rm_id: number | null
  unit: { code: string; name: string }
}

/**
 * The customer is told by number and unit only, so that whoever sees no customer can be told why somebody else does.
 * Refuses not_found for people and customers of units that the session does not answer for.
 */
export function explain(
  db: Database,
  clock: Clock,
  session: Session,
  asked: { login: string; customer: string },
): Promise<Explained> {
  return db.withScope({ ...everything, who: session.who }, async (trx) => {
    const places = placesOf(session, 'access.read')
    const login = await loginOf(trx, clock, asked.login)
    const rights = await rightsByPosts(trx, clock, login.id)
    const posts = rights?.posts ?? []
    if (!isAll(places) && !posts.some((post) => holds(places, post.unit.id))) notFound(asked.login)
    const customer = await customerOf(trx, asked.customer)
    if (!holds(places, customer.unit_id)) notFound(asked.customer)
    const walls = await standingWalls(trx, clock)
    const isOwn = login.staff_id !== null && login.staff_id === customer.rm_id
    const grants = await grantsOf(trx, clock, login.id, customer.id)
    const sight = (post: Post, by: Permission): PostSight =>
      sightByPost(placeOf(post, by), { unitId: customer.unit_id, isOwn }, walls)
    // A single grant holds for whatever some post may do at all.
    const reached = (by: Permission) =>
      posts.some((post) => sight(post, by).visible) ||
      (posts.some((post) => post.permissions.includes(by)) && grants.some((one) => one.state === 'holds'))
    const seen = reached('customers.read')
    return {
      person: { login: asked.login, name: login.display_name, state: login.state },
      customer: { customerNo: customer.customer_no, unit: customer.unit },
      visible: seen && login.state === 'active',
      posts: posts.map((post) => ({ ...heldAt(post), ...sight(post, 'customers.read') })),
      grants,
      fields: seen ? readsBy(posts) : fieldGroups.map((field) => ({ field, rule: 'hidden' as const, posts: [] })),
      edits: editsBy(posts, { reached: reached('customers.edit') }),
    }
  })
}

function placeOf(post: Post, by: Permission): Parameters<typeof sightByPost>[0] {
  return {
    unitId: post.unit.id,
    subtree: post.subtree,
    customers: post.customers,
    crossesWalls: post.permissions.includes('walls.cross'),
    reads: post.permissions.includes(by),
  }
}

function heldAt({ role, unit }: Post) {
  return { role, unit: { code: unit.code, name: unit.name } }
}

/** How each group is read, and what every post that reads says of it. */
function readsBy(posts: readonly Post[]): Explained['fields'] {
  const reads = fieldsOf({ posts })
  const reading = posts.filter((post) => post.permissions.includes('customers.read'))
  return fieldGroups.map((field) => ({
    field,
    rule: reads[field],
    posts: reading.map((post) => ({
      ...heldAt(post),
      read: post.fields[field],
      decides: post.fields[field] === reads[field],
    })),
  }))
}

/** Whether each fact can be edited, or why not, with the posts whose role names it. */
function editsBy(posts: readonly Post[], { reached }: { reached: boolean }): Explained['edits'] {
  const [reads, edits] = [fieldsOf({ posts }), editsOf({ posts })]
  return editableFields.map((field) => {
    const naming = posts.filter((post) => post.permissions.includes('customers.edit') && post.edits.includes(field))
    if (!reached) return { field, rule: 'noEditing', posts: [] }
    if (edits.includes(field)) return { field, rule: 'editable', posts: naming.map(heldAt) }
    const isHidden = reads[groupOfFact[field]] === 'hidden'
    return { field, rule: isHidden ? 'groupHidden' : 'notNamed', posts: naming.map(heldAt) }
  })
}

function notFound(what: string): never {
  refuse('not_found', { what })
}

async function loginOf(trx: Trx, clock: Clock, name: string) {
  const { rows } = await sql<{
    id: number
    display_name: string
    staff_id: number | null
    state: UserState
  }>`select l.id, l.display_name, l.staff_id, ${stateOf(clock)} as state
    from login l left join login_lock k on k.login_id = l.id where l.name = ${name}`.execute(trx)
  return rows[0] ?? notFound(name)
}

async function customerOf(trx: Trx, no: string): Promise<Customer> {
  const { rows } = await sql<Customer>`select p.id, p.customer_no, p.unit_id, p.rm_id,
      json_build_object('code', u.code, 'name', u.name) as unit
    from customer c join party p on p.id = c.party_id join unit u on u.id = p.unit_id
    where c.customer_no = ${no}`.execute(trx)
  return rows[0] ?? notFound(no)
}

async function standingWalls(trx: Trx, clock: Clock): Promise<NamedWall[]> {
  const below = (unit: string) => sql`(select array_agg(b.id) from unit b
    where b.path >= ${sql.ref(`${unit}.path`)} and b.path < ${sql.ref(`${unit}.path`)} || '~')`
  const { rows } = await sql<NamedWall>`select w.name, ${below('a')} as around, ${below('g')} as against
    from wall w join unit a on a.id = w.around_id join unit g on g.id = w.against_id
    where w.from_day <= ${clock.today()} and w.to_day > ${clock.today()} order by w.id limit 1000`.execute(trx)
  return rows
}

async function grantsOf(trx: Trx, clock: Clock, loginId: number, partyId: bigint): Promise<Explained['grants']> {
  const now = clock.now()
  const { rows } = await sql<{
    state: Explained['grants'][number]['state']
    from_at: Date
    to_at: Date
    by: string
    reason: string
  }>`select case when g.revoked_at is not null then 'revoked' when g.from_at > ${now} then 'coming'
      when g.to_at <= ${now} then 'ended' else 'holds' end as state, g.from_at, g.to_at, l.display_name as by, g.reason
    from access_grant g join login l on l.id = g.granted_by
    where g.login_id = ${loginId} and g.party_id = ${partyId} order by g.to_at desc limit 50`.execute(trx)
  return rows.map(({ from_at, to_at, ...row }) => ({ ...row, from: from_at.toISOString(), to: to_at.toISOString() }))
}
