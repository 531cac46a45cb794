/** Refusals about value states and winning back; part of refusal.ts. */
import type { Wording } from './refusal.ts'

export const valueStateRefusals = {
  value_state_missing: {
    status: 409,
    zh: '该客户尚未进入任何跑批，下一次跑批后才有价值状态',
    en: 'No night knows this customer yet; the value state begins with the next one',
  },
  value_state_stale: {
    status: 409,
    zh: '价值状态已被他人变更，请刷新后重试',
    en: 'The value state has changed meanwhile; read it again',
  },
  value_move_refused: {
    status: 422,
    zh: '不能从“{from}”变为“{to}”；可变为：{allowed}',
    en: '{from} cannot become {to}; it may become: {allowed}',
  },
  value_day_refused: {
    status: 422,
    zh: '起始日 {day} 应不早于 {since}、不晚于 {today}',
    en: 'The day {day} must be {since} or later, and not after {today}',
  },
  loss_reason_missing: { status: 422, zh: '转为流失须选择原因', en: 'A loss needs a reason code' },
  loss_reason_unfit: {
    status: 422,
    zh: '此变更不是流失，不能填写流失原因',
    en: 'This is no loss, so it takes no reason of one',
  },
  value_proposal_decided: {
    status: 409,
    zh: '该状态建议已处理或已撤回',
    en: 'This proposal has been decided or withdrawn already',
  },
  win_back_closed: { status: 409, zh: '该赢回事项已有结果', en: 'This win-back has an outcome already' },
} as const satisfies Record<string, Wording>
