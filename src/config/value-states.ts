/** The settings of value states: when the night thinks that a customer goes, and how long winning back may take. */
import { z } from 'zod'

export interface ValueStateConfig {
  /** Days without a transaction of the customer's own. */
  dormantDays: number
  /** In whole units of the base currency: less than this on average counts as nothing. */
  dormantBelow: number
  /** An average below this part of the one before counts as gone. */
  gonePercent: number
  winBackDays: number
}

const whole = (low: number, high: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .refine((value) => value >= low && value <= high)

export const valueStateSettings = [
  {
    name: 'STRATA_DORMANT_DAYS',
    allowed: '30 to 3650',
    default: '180',
    zh: '多少天没有客户自主交易，且日均低于下项，跑批即建议转为流失',
    en: "days without a transaction of the customer's own after which a night proposes the loss, the average being below the next",
    read: whole(30, 3650),
  },
  {
    name: 'STRATA_DORMANT_BELOW',
    allowed: '0 to 999999999, whole units of the base currency',
    default: '1000',
    zh: '低于此日均视为没有资产（本位币，元）',
    en: 'an average below this counts as no assets',
    read: whole(0, 999_999_999),
  },
  {
    name: 'STRATA_GONE_PERCENT',
    allowed: '1 to 99',
    default: '20',
    zh: '日均低于上期日均的百分之几，视为资产流失',
    en: 'an average below this part, in percent, of the window before counts as gone',
    read: whole(1, 99),
  },
  {
    name: 'STRATA_WIN_BACK_DAYS',
    allowed: '1 to 365',
    default: '30',
    zh: '列入赢回名单后须在多少天内有结果',
    en: 'days within which a win-back is to have an outcome',
    read: whole(1, 365),
  },
] as const

type Name = (typeof valueStateSettings)[number]['name']

/** From the settings, each checked. */
export function valueStateConfig(read: (name: Name) => unknown): ValueStateConfig {
  return {
    dormantDays: Number(read('STRATA_DORMANT_DAYS')),
    dormantBelow: Number(read('STRATA_DORMANT_BELOW')),
    gonePercent: Number(read('STRATA_GONE_PERCENT')),
    winBackDays: Number(read('STRATA_WIN_BACK_DAYS')),
  }
}
