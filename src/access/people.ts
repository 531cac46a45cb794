/** Everybody's rights as they stand: the list and the report for the yearly review, and the mark that it was done. */
import { createHash } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import type { Output } from '../contract/endpoint.ts'
import type { CustomerScope, Permission, RoleRef } from '../contract/permission.ts'
import { customerScopes, fieldGroups } from '../contract/permission.ts'
import type { personRights, readPerson, reviewPerson } from '../contract/sight.ts'
import type { UserKind, UserState } from '../contract/users.ts'
import { type Database, everything, inUnits, type Scope, type Trx } from '../db/database.ts'
import { present } from '../kit/assert.ts'
import type { Clock } from '../kit/clock.ts'
import { forever } from '../kit/day.ts'
import { refuse } from '../kit/refusal.ts'
import { isAll } from '../kit/unit-set.ts'
import { audit } from './audit.ts'
import { canonical } from './differences.ts'
import { editsOf, editsOfRole, fieldsOf, fieldsOfRole } from './fields.ts'
import { customersSeen } from './rehearse.ts'
import { countHomes, type Home, readRightsState } from './rights-state.ts'
import { knownPermissions } from './roles.ts'
import { placesOf, type Session } from './session.ts'
import { likePart, stateOf } from './user-list.ts'

type PersonRights = z.output<typeof personRights>
type Report = Output<typeof readPerson>
type Review = Output<typeof reviewPerson>

interface StoredPost {
  role: RoleRef
  unit: { code: string; name: string; path: string }
  customers: string
  permissions: string[]
  fields: unknown
  edits: string[]
  fromDay: string
  toDay: string
  holds: boolean
  units: number
}

interface Row {
  id: number
  login: string
  name: string
  kind: UserKind
  state: UserState
  staff: string | null
  posts: StoredPost[]
  grants: number
  keys: number
  lastSignInAt: Date | null
}

/** Counts of the whole bank are read; no customer leaves but by number. */
const seeingAll = (session: Session): Scope => ({ ...everything, who: session.who })

export interface PeopleAsked {
  /** A part of the name, the sign-in name, or the role or unit of a post. */
  q?: string | undefined
  limit: number
  /** Where the page before ended: the name and the id. */
  after: { value: string; id: number } | null
}

interface People {
  rows: PersonRights[]
  after: PeopleAsked['after']
}

/** A page by name; only people with a post where the session answers for rights. */
export function listPeople(db: Database, clock: Clock, session: Session, asked: PeopleAsked): Promise<People> {
  return db.withScope(seeingAll(session), async (trx) =>
    pageOfPeople(trx, clock, session, asked, await countHomes(trx)),
  )
}

/** Everybody of the list, as they stood at one moment. */
export function allPeople(db: Database, clock: Clock, session: Session): Promise<PersonRights[]> {
  return db.withScope(seeingAll(session), async (trx) => {
    const homes = await countHomes(trx)
    const people: PersonRights[] = []
    let after: PeopleAsked['after'] = null
    do {
      const page: People = await pageOfPeople(trx, clock, session, { limit: 1000, after }, homes)
      people.push(...page.rows)
      after = page.after
    } while (after !== null)
    return people
  })
}

async function pageOfPeople(
  trx: Trx,
  clock: Clock,
  session: Session,
  { q, limit, after }: PeopleAsked,
  homes: readonly Home[],
): Promise<People> {
  const behind = after === null ? sql`true` : sql`(l.display_name, l.id) > (${after.value}::text, ${after.id}::int)`
  const where = sql`${q === undefined ? sql`true` : saying(q, clock)} and ${behind}`
  const found = await readRows(trx, clock, session, where, limit + 1)
  const rows = found.slice(0, limit)
  const reviews = await reviewsOf(trx, rows)
  const counts = await countsOf(trx, clock, rows, homes)
  const last = rows.at(-1)
  return {
    rows: rows.map((row) => rightsOfRow(row, counts, reviews)),
    after: found.length > limit && last ? { value: last.name, id: last.id } : null,
  }
}

/** Of a login `l`: its names, or a role or unit of a post that it holds, have the part. */
function saying(q: string, clock: Clock): RawBuilder<boolean> {
  const part = likePart(q)
  return sql`(l.name like ${part} or lower(l.display_name) like ${part}
    or exists (select from post p join role r on r.code = p.role join unit u on u.id = p.unit_id
      where p.login_id = l.id and p.from_day <= ${clock.today()} and p.to_day > ${clock.today()}
        and (r.name_zh like ${part} or lower(r.name_en) like ${part} or lower(u.name) like ${part})))`
}

/** Refuses not_found. */
export function readPersonReport(db: Database, clock: Clock, session: Session, login: string): Promise<Report> {
  return db.withScope(seeingAll(session), async (trx) => {
    const row = await oneRow(trx, clock, session, login)
    const reviews = await reviewsOf(trx, [row])
    return {
      ...rightsOfRow(row, await countsOf(trx, clock, [row], await countHomes(trx)), reviews),
      staff: row.staff,
      allPosts: row.posts.map(({ role, unit, customers, fromDay, toDay, holds, units }) => ({
        role,
        unit: { code: unit.code, name: unit.name },
        customers: scopeNamed(customers),
        fromDay,
        toDay: toDay === forever ? null : toDay,
        holds,
        units,
      })),
      permissions: permissionsByRole(row.posts),
      ...fieldsByRole(row.posts),
      walls: await wallsAgainst(trx, clock, row.posts),
      grantList: await grantsOf(trx, clock, row.id),
      keys: row.keys,
      reviews: reviews.get(row.id) ?? [],
      asOf: clock.now(),
    }
  })
}

/** Marks the rights of a person, as they stand, as reviewed by the session. Refuses own_proposal, check_needs_person. */
export function markReviewed(
  db: Database,
  clock: Clock,
  session: Session,
  given: { login: string; note: string | undefined; address: string },
): Promise<Review> {
  if (session.byKey) refuse('check_needs_person')
  return db.withScope(seeingAll(session), async (trx) => {
    const row = await oneRow(trx, clock, session, given.login)
    if (row.id === session.loginId) refuse('own_proposal')
    const digest = digestOf(row)
    await sql`insert into rights_review (login_id, reviewed_by, reviewed_at, note, digest)
      values (${row.id}, ${session.loginId}, ${clock.now()}, ${given.note || null}, ${digest})`.execute(trx)
    await audit(trx, {
      who: session.who,
      action: 'reviewRights',
      noun: 'login',
      nounId: row.login,
      after: { digest, posts: row.posts.filter((post) => post.holds).length },
      reason: given.note ?? null,
      address: given.address,
    })
    const reviews = await reviewsOf(trx, [row])
    return present(reviews.get(row.id)?.[0], 'the review just written')
  })
}

function rightsOfRow(row: Row, counts: Map<string, number>, reviews: Map<number, Review[]>): PersonRights {
  return {
    login: row.login,
    name: row.name,
    kind: row.kind,
    state: row.state,
    posts: row.posts
      .filter((post) => post.holds)
      .map(({ role, unit }) => ({ role, unit: { code: unit.code, name: unit.name } })),
    customers: counts.get(row.login) ?? 0,
    grants: row.grants,
    lastSignInAt: row.lastSignInAt?.toISOString() ?? null,
    review: reviews.get(row.id)?.[0] ?? null,
  }
}

/** How many customers each of them sees by posts, by login. */
async function countsOf(
  trx: Trx,
  clock: Clock,
  people: readonly Row[],
  homes: readonly Home[],
): Promise<Map<string, number>> {
  const logins = people.map((row) => row.login)
  return customersSeen(await readRightsState(trx, clock.today(), logins), homes)
}

async function oneRow(trx: Trx, clock: Clock, session: Session, login: string): Promise<Row> {
  const [row] = await readRows(trx, clock, session, sql`l.name = ${login}`, 1)
  return row ?? refuse('not_found', { what: login })
}

async function readRows(
  trx: Trx,
  clock: Clock,
  session: Session,
  where: RawBuilder<unknown>,
  limit: number,
): Promise<Row[]> {
  const [today, now] = [clock.today(), clock.now()]
  const places = placesOf(session, 'access.read')
  const near = isAll(places)
    ? sql`true`
    : sql`exists (select from post near where near.login_id = l.id and near.from_day <= ${today}
        and near.to_day > ${today} and ${inUnits(places, 'near.unit_id')})`
  const { rows } = await sql<Row>`select l.id, l.name as login, l.display_name as name, l.kind,
      ${stateOf(clock)} as state, (select code from staff s where s.id = l.staff_id) as staff,
      coalesce((select json_agg(json_build_object('role', json_build_object('code', r.code, 'zh', r.name_zh, 'en', r.name_en),
          'unit', json_build_object('code', u.code, 'name', u.name, 'path', u.path), 'customers', r.customers,
          'permissions', r.permissions, 'fields', r.fields, 'edits', r.edits, 'fromDay', p.from_day, 'toDay', p.to_day,
          'holds', p.from_day <= ${today} and p.to_day > ${today},
          'units', (select count(*) from unit b where b.path >= u.path and b.path < u.path || '~' and b.closed_on is null)
        ) order by p.to_day desc, p.id)
        from post p join role r on r.code = p.role join unit u on u.id = p.unit_id where p.login_id = l.id), '[]') as posts,
      (select count(*)::int from access_grant g where g.login_id = l.id and g.from_at <= ${now} and g.to_at > ${now}
        and g.revoked_at is null) as grants,
      (select count(*)::int from api_key a where a.login_id = l.id and a.revoked_at is null and a.expires_at > ${now}) as keys,
      l.last_sign_in_at as "lastSignInAt"
    from login l left join login_lock k on k.login_id = l.id where ${where} and ${near} order by l.display_name, l.id limit ${limit}`.execute(
    trx,
  )
  return rows
}

/** Newest first, by login. */
async function reviewsOf(trx: Trx, people: readonly Row[]): Promise<Map<number, Review[]>> {
  const { rows } = await sql<{
    login_id: number
    by: Review['by']
    at: Date
    note: string | null
    digest: string
  }>`select v.login_id, json_build_object('login', b.name, 'name', b.display_name) as by, v.reviewed_at as at, v.note,
      v.digest
    from rights_review v join login b on b.id = v.reviewed_by
    where v.login_id = any(${people.map((row) => row.id)}::int[]) order by v.id desc limit 20000`.execute(trx)
  const digests = new Map(people.map((row) => [row.id, digestOf(row)]))
  const reviews = new Map<number, Review[]>()
  for (const { login_id, digest, at, ...review } of rows) {
    const all = reviews.get(login_id) ?? []
    all.push({ ...review, at: at.toISOString(), changedSince: digests.get(login_id) !== digest })
    reviews.set(login_id, all)
  }
  return reviews
}

/** Of the posts that hold and what their roles allow: what a reviewer looks at. */
function digestOf({ posts, state }: Row): string {
  const held = posts
    .filter((post) => post.holds)
    .map((post) => [
      ...[post.role.code, post.unit.code, post.toDay, post.customers, [...post.permissions].sort()],
      ...[fieldsOfRole(post.fields), editsOfRole(post.edits)],
    ])
  return createHash('sha256')
    .update(canonical({ disabled: state === 'disabled', held }))
    .digest('hex')
}

function permissionsByRole(posts: readonly StoredPost[]): Report['permissions'] {
  const roles = new Map<Permission, Map<string, RoleRef>>()
  for (const post of posts.filter((one) => one.holds)) {
    for (const permission of knownPermissions(post.permissions)) {
      const known = roles.get(permission) ?? new Map<string, RoleRef>()
      roles.set(permission, known.set(post.role.code, post.role))
    }
  }
  return [...roles].map(([permission, by]) => ({ permission, roles: [...by.values()] }))
}

/** How each group of fields is read and which facts are edited, with the roles that make it so. */
function fieldsByRole(posts: readonly StoredPost[]): Pick<Report, 'fields' | 'edits'> {
  const held = posts
    .filter((post) => post.holds)
    .map(({ role, ...post }) => ({
      role,
      permissions: knownPermissions(post.permissions),
      fields: fieldsOfRole(post.fields),
      edits: editsOfRole(post.edits),
    }))
  const roles = (all: typeof held) => [...new Map(all.map(({ role }) => [role.code, role])).values()]
  const reads = fieldsOf({ posts: held })
  const reading = held.filter((post) => post.permissions.includes('customers.read'))
  const editing = held.filter((post) => post.permissions.includes('customers.edit'))
  return {
    fields: fieldGroups.map((field) => ({
      field,
      rule: reads[field],
      roles: roles(reading.filter((post) => post.fields[field] === reads[field])),
    })),
    edits: editsOf({ posts: held }).map((field) => ({
      field,
      roles: roles(editing.filter((post) => post.edits.includes(field))),
    })),
  }
}

async function wallsAgainst(trx: Trx, clock: Clock, posts: readonly StoredPost[]): Promise<Report['walls']> {
  const held = posts.filter((post) => post.holds)
  const unit = (
    row: string,
  ) => sql`json_build_object('code', ${sql.ref(`${row}.code`)}, 'name', ${sql.ref(`${row}.name`)},
    'path', ${sql.ref(`${row}.path`)})`
  const { rows } = await sql<{ name: string; around: StoredPost['unit']; against: StoredPost['unit'] }>`select w.name,
      ${unit('a')} as around, ${unit('g')} as against
    from wall w join unit a on a.id = w.around_id join unit g on g.id = w.against_id
    where w.from_day <= ${clock.today()} and w.to_day > ${clock.today()} order by w.id limit 1000`.execute(trx)
  return rows.flatMap(({ name, around, against }) => {
    const bound = held.filter((post) => isBelow(post.unit, against) && !isBelow(post.unit, around))
    if (bound.length === 0) return []
    const crossed = bound.every((post) => post.permissions.includes('walls.cross'))
    const ref = ({ code, name: unitName }: StoredPost['unit']) => ({ code, name: unitName })
    return [{ name, around: ref(around), against: ref(against), crossed }]
  })
}

function isBelow(unit: { path: string }, top: { path: string }): boolean {
  return unit.path.startsWith(top.path)
}

async function grantsOf(trx: Trx, clock: Clock, loginId: number): Promise<Report['grantList']> {
  const now = clock.now()
  const { rows } = await sql<{ customerNo: string; to_at: Date; by: string; reason: string }>`select
      p.customer_no as "customerNo", g.to_at, l.display_name as by, g.reason
    from access_grant g join party p on p.id = g.party_id join login l on l.id = g.granted_by
    where g.login_id = ${loginId} and g.from_at <= ${now} and g.to_at > ${now} and g.revoked_at is null
    order by g.to_at limit 1000`.execute(trx)
  return rows.map(({ to_at, ...row }) => ({ ...row, to: to_at.toISOString() }))
}

function scopeNamed(stored: string): CustomerScope {
  return customerScopes.find((scope) => scope === stored) ?? 'none'
}
