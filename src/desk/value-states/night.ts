/**
 * What a night does about value states, in the transaction that publishes it and in a few statements for all customers:
 * whoever is new gets their opening entry, and who seems to go or to come back is proposed to a person.
 */
import type pg from 'pg'
import type { Day } from '../../kit/day.ts'
import { openingRules, type Position } from './value-states.ts'

export interface ValueLimits {
  dormantDays: number
  /** Less than this on average counts as nothing. */
  dormantBelowFen: bigint
  gonePercent: number
}

/** For the night's audit entry. */
export interface ValueOfNight {
  valueStates?: { entered: number; proposed: number; withdrawn: number }
}

/** A kept customer is not proposed for the same cause again before that many days have gone. */
export const quietDays = 90

/** Called with the night that was just put in force. A night of another scheme than the one that readers see does nothing. */
export async function valueStatesOfNight(
  client: pg.ClientBase,
  { nightId, day }: { nightId: number; day: Day },
  limits: ValueLimits,
): Promise<ValueOfNight> {
  const shown = await client.query<{ night_id: number }>(
    `select night_id from published_night order by scheme <> 'personal', scheme limit 1`,
  )
  if (shown.rows[0]?.night_id !== nightId) return {}
  const entered = await client.query(openingsSql(nightId))
  if (entered.rowCount) await client.query('analyze value_now')
  await client.query(foundSql(nightId), [
    day,
    limits.dormantDays,
    String(limits.dormantBelowFen),
    limits.gonePercent,
    quietDays,
  ])
  const withdrawn = await client.query(`update value_proposal t set status = 'withdrawn', decided_at = now()
    where t.status = 'open' and not exists (select from value_found f where f.party_id = t.party_id and f.cause = t.cause)`)
  const proposed = await client.query(proposeSql, [nightId, day])
  return {
    valueStates: {
      entered: entered.rowCount ?? 0,
      proposed: proposed.rowCount ?? 0,
      withdrawn: withdrawn.rowCount ?? 0,
    },
  }
}

function openingsSql(nightId: number): string {
  const caseOf = (value: (position: Position) => string) =>
    `case ${openingRules.map((rule) => `when ${rule.sql} then ${value(rule.position)}`).join(' ')} end`
  return `insert into value_state (party_id, state, stage, from_day, source, made_by)
    select p.id, ${caseOf(({ state }) => `'${state}'`)}, ${caseOf(({ stage }) => (stage ? `'${stage}'` : 'null'))},
      n.day, 'opening', 'strata'
    from party p join night n on n.id = ${nightId} left join night_customer_${nightId} c on c.party_id = p.id
    where p.erased_at is null and (c.party_id is not null or p.closed_on <= n.day)
      and not exists (select from value_now v where v.party_id = p.id)
    order by p.id`
}

/**
 * Who is closed is in no night, so they are found by their own day.
 * $1 day, $2 days without a transaction, $3 an average that counts as nothing, $4 percent of the one before, $5 quiet days.
 * Balances gone comes first: it says more than dormant. Someone without any known transaction is not dormant, because a
 * bank that hands over no transactions would otherwise be proposed whole. Back is who is no longer gone: by the same two
 * limits, against what they had before they were lost.
 */
function foundSql(nightId: number): string {
  return `create temporary table value_found on commit drop as
    select f.* from (select c.party_id, m.cause, v.entry_id, c.average_fen, c.average_before_fen, c.last_activity_on
    from night_customer_${nightId} c join value_now v on v.party_id = c.party_id
    left join lateral (select e.former_average_fen from value_state e
      where v.state = 'lost' and e.party_id = c.party_id and e.is_loss order by e.id desc limit 1) f on true
    cross join lateral (select case
      when v.state = 'actual' and c.average_before_fen >= $3::bigint
        and c.average_fen::numeric * 100 < c.average_before_fen::numeric * $4::int then 'balancesGone'
      when v.state = 'actual' and c.average_fen < $3::bigint and c.last_activity_on <= $1::date - $2::int then 'dormant'
      when v.state = 'lost' and c.average_fen >= greatest($3::bigint, 1)
        and c.average_fen::numeric * 100 >= coalesce(f.former_average_fen, 0)::numeric * $4::int then 'cameBack'
      end as cause) m
    where m.cause is not null
    union all
    select p.id, 'closed', v.entry_id, null, null, null from party p join value_now v on v.party_id = p.id
    where p.closed_on <= $1::date and v.state = 'actual'
      and not exists (select from night_customer_${nightId} c where c.party_id = p.id)) f
    where not exists (select from party p where p.id = f.party_id and p.erased_at is not null)
      and not exists (select from value_proposal k where k.party_id = f.party_id and k.cause = f.cause
        and k.status = 'kept' and k.decided_on + $5::int > $1::date)`
}

const proposeSql = `insert into value_proposal (night_id, party_id, cause, entry_id, proposed_on, average_fen,
    average_before_fen, last_activity_on)
  select $1, party_id, cause, entry_id, $2, average_fen, average_before_fen, last_activity_on from value_found
  order by party_id
  on conflict (party_id) where status = 'open' do update set night_id = excluded.night_id,
    average_fen = excluded.average_fen, average_before_fen = excluded.average_before_fen,
    last_activity_on = excluded.last_activity_on`
