/** What states, stages and reasons are called: on the page, in refusals, in files. */
import type { Label } from './endpoint.ts'
import type { lifeStages, lossReasons, valueCauses, valueStates, winBackOutcomes } from './value-states.ts'

export const stateWords: Record<(typeof valueStates)[number], Label> = {
  nonCustomer: { zh: '非客户', en: 'Non-customer' },
  potential: { zh: '潜在客户', en: 'Potential' },
  target: { zh: '目标客户', en: 'Target' },
  actual: { zh: '现实客户', en: 'Actual' },
  lost: { zh: '流失客户', en: 'Lost' },
  permanentlyLost: { zh: '永远流失', en: 'Lost for good' },
}

export const stageWords: Record<(typeof lifeStages)[number], Label> = {
  build: { zh: '建立', en: 'Build' },
  grow: { zh: '发展', en: 'Grow' },
  keep: { zh: '维持', en: 'Keep' },
  break: { zh: '破裂', en: 'Break' },
  winBack: { zh: '恢复', en: 'Win back' },
}

export const reasonWords: Record<(typeof lossReasons)[number], Label> = {
  needsGone: { zh: '需求消失', en: 'Needs gone' },
  moved: { zh: '迁居', en: 'Moved away' },
  contactLeft: { zh: '联系人离开', en: 'Contact left' },
  rival: { zh: '转投同业', en: 'Went to a rival' },
  service: { zh: '服务不满', en: 'Service' },
  price: { zh: '价格', en: 'Price' },
  closed: { zh: '身故或注销', en: 'Died or dissolved' },
}

export const causeWords: Record<(typeof valueCauses)[number], Label> = {
  dormant: { zh: '长期无交易', en: 'Dormant' },
  balancesGone: { zh: '资产流失', en: 'Balances gone' },
  closed: { zh: '已销户', en: 'Closed' },
  cameBack: { zh: '资产回流', en: 'Came back' },
}

export const outcomeWords: Record<(typeof winBackOutcomes)[number], Label> = {
  back: { zh: '已赢回', en: 'Back' },
  notBack: { zh: '未赢回', en: 'Not back' },
  permanentlyLost: { zh: '永远流失', en: 'Lost for good' },
}

/** '现实客户 · 发展'. */
export function positionWords(
  at: { state: keyof typeof stateWords; stage: keyof typeof stageWords | null },
  language: keyof Label,
): string {
  const state = stateWords[at.state][language]
  return at.stage === null ? state : `${state} · ${stageWords[at.stage][language]}`
}
