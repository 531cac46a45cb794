/** The list of measures a night computes. A new measure: its file, and a line here. */
import { activity } from './activity.ts'
import { assetsByClass, aum, foreign, inTransit, overdraft, productClasses } from './assets.ts'
import { averageDailyAssets, memberSum } from './average-daily-assets.ts'
import { distanceSums } from './distance-sums.ts'
import { gapDays, gapSum } from './gaps.ts'
import type { Measure } from './measure.ts'
import { sumBefore } from './trend.ts'

export const measures: readonly Measure[] = [
  averageDailyAssets,
  memberSum,
  ...distanceSums,
  sumBefore,
  aum,
  ...assetsByClass,
  inTransit,
  foreign,
  overdraft,
  productClasses,
  gapDays,
  gapSum,
  ...activity,
]
