/**
 * Value states (价值状态) and life-cycle stages (生命周期): where a customer stands, what the night proposes, who is to be
 * won back, and why customers were lost.
 */
import { z } from 'zod'
import { dayOut, dayText, fenText, freeText, id, instant, pageOf, pageQuery, staffRef, unitRef, yes } from './common.ts'
import { endpoint } from './endpoint.ts'

export const valueStates = ['nonCustomer', 'potential', 'target', 'actual', 'lost', 'permanentlyLost'] as const
export const lifeStages = ['build', 'grow', 'keep', 'break', 'winBack'] as const
/** Why a customer is lost. 'closed': died, or the company was dissolved. There is none for "unknown". */
export const lossReasons = ['needsGone', 'moved', 'contactLeft', 'rival', 'service', 'price', 'closed'] as const
export const valueCauses = ['dormant', 'balancesGone', 'closed', 'cameBack'] as const
export const winBackOutcomes = ['back', 'notBack', 'permanentlyLost'] as const

const state = z.enum(valueStates)
const stage = z.enum(lifeStages)
const lossReason = z.enum(lossReasons)

/** Where a customer stands. No stage before a relation is being built. */
export const valuePosition = z.object({ state, stage: stage.nullable() }).meta({ id: 'ValuePosition' })

/** 'lost,actual': some of these, separated by commas. */
function someOf(codes: readonly string[]) {
  const one = `(${codes.join('|')})`
  return z
    .string()
    .max(200)
    .regex(new RegExp(`^${one}(,${one})*$`))
}

/** Of the customers list. */
export const valueFilter = { state: someOf(valueStates).optional(), stage: someOf(lifeStages).optional() }

export const valueEntry = z
  .object({
    id: z.string(),
    ...valuePosition.shape,
    /** The business day from which on. */
    fromDay: dayOut,
    /** 'opening': derived when the customer first came into a night; 'night': proposed by one and accepted. */
    source: z.enum(['opening', 'night', 'person']),
    /** A person's name; null for the opening. */
    by: z.string().nullable(),
    reason: lossReason.nullable(),
    note: z.string().nullable(),
    recordedAt: instant,
  })
  .meta({ id: 'ValueEntry' })

export const valueMove = z
  .object({
    ...valuePosition.shape,
    /** Only with a reason code. */
    needsReason: z.boolean(),
  })
  .meta({ id: 'ValueMove' })

const figures = {
  /** Of the night that proposed; null for whoever does not read money, and of closed customers, who are in no night. */
  averageFen: fenText.nullable(),
  averageBeforeFen: fenText.nullable(),
  lastActivityOn: dayOut.nullable(),
}

const openValueProposal = z.object({
  id: z.string(),
  cause: z.enum(valueCauses),
  proposedOn: dayOut,
  to: valuePosition,
  ...figures,
})

export const valueRecord = z
  .object({
    customerNo: z.string(),
    /** The newest of the history; null until the first night that knows the customer. */
    current: valueEntry.nullable(),
    /** What it may become. */
    moves: z.array(valueMove),
    /** Newest first, the current one included; at most 200. */
    history: z.array(valueEntry),
    proposal: openValueProposal.nullable(),
    winBack: z.object({ id: z.string(), openedOn: dayOut, dueOn: dayOut }).nullable(),
  })
  .meta({ id: 'ValueRecord' })

const customerNo = z.object({ no: z.string().min(1).max(64) })
const note = freeText(0).optional()
const ids = z.string().regex(/^\d{1,18}$/)

export const readValueState = endpoint({
  name: 'readValueState',
  tag: 'valueStates',
  method: 'GET',
  path: '/api/customers/:no/value-state',
  label: { zh: '价值状态与生命周期', en: 'Value state and life-cycle stage' },
  permission: 'customers.read',
  params: customerNo,
  output: valueRecord,
  refusals: ['not_found'],
})

export const moveValueState = endpoint({
  name: 'moveValueState',
  tag: 'valueStates',
  method: 'POST',
  path: '/api/customers/:no/value-state',
  label: { zh: '变更价值状态', en: 'Move a customer to another value state or stage' },
  permission: 'valueStates.move',
  params: customerNo,
  body: z.object({
    /** The current entry, as it was read. */
    entry: ids,
    to: valuePosition,
    /** Default: today; not before the current entry's. */
    fromDay: dayText.optional(),
    reason: lossReason.optional(),
    note,
  }),
  output: valueRecord,
  status: 201,
  refusals: [
    'not_found',
    'already_erased',
    'value_state_missing',
    'value_state_stale',
    'value_move_refused',
    'value_day_refused',
    'loss_reason_missing',
    'loss_reason_unfit',
    'origin_refused',
  ],
})

export const valueProposal = openValueProposal
  .extend({
    customerNo: z.string(),
    name: z.string(),
    unit: unitRef,
    rm: staffRef.nullable(),
    from: valuePosition,
    status: z.enum(['open', 'accepted', 'kept', 'withdrawn']),
    decidedBy: z.string().nullable(),
    decidedAt: instant.nullable(),
    reason: lossReason.nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: 'ValueProposal' })

export const listValueProposals = endpoint({
  name: 'listValueProposals',
  tag: 'valueStates',
  method: 'GET',
  path: '/api/value-proposals',
  label: { zh: '状态建议', en: 'Proposals of value states' },
  permission: 'valueStates.read',
  query: z.object({
    ...pageQuery.shape,
    status: z.enum(['open', 'accepted', 'kept', 'withdrawn']).default('open'),
    cause: z.enum(valueCauses).optional(),
    unit: z.string().max(32).optional(),
  }),
  /** `total`: rows under the same filters. */
  output: pageOf(valueProposal).extend({ total: z.int() }),
  refusals: ['not_found', 'cursor_invalid'],
})

const chosen = z.array(ids).min(1).max(500)

export const decideValueProposals = endpoint({
  name: 'decideValueProposals',
  tag: 'valueStates',
  method: 'POST',
  path: '/api/value-proposals/decide',
  label: { zh: '处理状态建议', en: 'Accept proposals of value states, or keep the state' },
  permission: 'valueStates.move',
  body: z.discriminatedUnion('decision', [
    /** `reason` for the losses among them. */
    z.object({ decision: z.literal('accepted'), ids: chosen, reason: lossReason.optional(), note }),
    /** `note`: why the customer stays where they are. */
    z.object({ decision: z.literal('kept'), ids: chosen, note: freeText(2) }),
  ]),
  output: z.object({ decided: z.int() }),
  refusals: ['not_found', 'value_proposal_decided', 'loss_reason_missing', 'loss_reason_unfit', 'origin_refused'],
})

export const winBack = z
  .object({
    id: z.string(),
    customerNo: z.string(),
    name: z.string(),
    unit: unitRef,
    rm: staffRef.nullable(),
    reason: lossReason,
    /** Average daily assets before the loss; null for whoever does not read money. */
    formerAverageFen: fenText.nullable(),
    openedOn: dayOut,
    dueOn: dayOut,
    overdue: z.boolean(),
    outcome: z.enum(winBackOutcomes).nullable(),
    closedOn: dayOut.nullable(),
    closedBy: z.string().nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: 'WinBack' })

export const winBackSorts = ['due', 'former'] as const

export const listWinBacks = endpoint({
  name: 'listWinBacks',
  tag: 'valueStates',
  method: 'GET',
  path: '/api/win-backs',
  label: { zh: '赢回名单', en: 'Customers to win back' },
  permission: 'valueStates.read',
  query: z.object({
    ...pageQuery.shape,
    outcome: z.enum(['open', ...winBackOutcomes]).default('open'),
    reason: lossReason.optional(),
    unit: z.string().max(32).optional(),
    overdue: yes.optional(),
    sort: z.enum(winBackSorts).default('due'),
    dir: z.enum(['asc', 'desc']).default('asc'),
  }),
  output: pageOf(winBack).extend({ total: z.int() }),
  refusals: ['not_found', 'cursor_invalid', 'field_hidden'],
})

export const closeWinBack = endpoint({
  name: 'closeWinBack',
  tag: 'valueStates',
  method: 'POST',
  path: '/api/win-backs/:id/outcome',
  label: { zh: '登记赢回结果', en: 'Say how a win-back ended' },
  permission: 'valueStates.move',
  params: z.object({ id }),
  /** `reason` for `permanentlyLost`. */
  body: z.object({ outcome: z.enum(winBackOutcomes), reason: lossReason.optional(), note }),
  output: winBack,
  refusals: ['not_found', 'win_back_closed', 'loss_reason_missing', 'loss_reason_unfit', 'origin_refused'],
})

/** 'YYYY-MM'. */
const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/)

const lossFilter = z.object({
  /** Both included. Default: the last twelve months. */
  from: month.optional(),
  to: month.optional(),
  unit: z.string().max(32).optional(),
  reason: lossReason.optional(),
})

export const lossRow = z
  .object({
    month: z.string(),
    unit: unitRef,
    reason: lossReason,
    customers: z.int(),
    /** Average daily assets before, of all of them; null for whoever does not read money. */
    formerAverageFen: fenText.nullable(),
  })
  .meta({ id: 'LossRow' })

export const listLosses = endpoint({
  name: 'listLosses',
  tag: 'valueStates',
  method: 'GET',
  path: '/api/losses',
  label: { zh: '流失报告', en: 'Losses by month, unit and reason' },
  permission: 'valueStates.read',
  query: lossFilter.extend(pageQuery.shape),
  /** Newest month first; `total` and `formerAverageFen`: customers and assets under the same filters. */
  output: pageOf(lossRow).extend({ total: z.int(), formerAverageFen: fenText.nullable() }),
  refusals: ['not_found', 'cursor_invalid'],
})

export const exportLosses = endpoint({
  name: 'exportLosses',
  tag: 'valueStates',
  method: 'GET',
  path: '/api/losses/export',
  label: { zh: '导出流失报告', en: 'Export losses' },
  permission: 'valueStates.read',
  query: lossFilter.extend({ language: z.enum(['zh', 'en']).default('zh') }),
  output: z.string(),
  answers: 'file',
  refusals: ['not_found', 'export_too_large'],
})
