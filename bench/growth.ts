/**
 * `npm run bench -- growth [--runs 3] [--largest 1000000]`: the computing part of a night at 100,000, 300,000 and 1,000,000
 * customers (a tenth, three tenths and the whole of the largest); slope of log time, and of log processor time. A bank is
 * made on its first run.
 */
import { openBench } from './bank.ts'
import { nightWork } from './night-work.ts'
import { interleave, option, printMachine, printTimings, quantile } from './support.ts'

const largest = option('largest', 1_000_000)
const sizes = [0.1, 0.3, 1].map((part) => Math.round(largest * part))
const banks = []
for (const size of sizes) banks.push(await openBench(size))
const works = []
for (const bank of banks) works.push(await nightWork(bank))
printMachine()
const timings = await interleave(
  works.map((work, i) => ({ name: `${sizes[i]} customers`, run: work.run, pid: work.pid })),
  option('runs', 3),
)
printTimings('growth of measures, tiers, scores', timings)
const slopes = {
  time: timings.map((timing) => timing.median),
  'processor time': timings.map((timing) => quantile(timing.cpu, 0.5)),
}
for (const [name, values] of Object.entries(slopes)) {
  console.log(`  slope of log ${name} against log customers: ${slope(sizes, values).toFixed(3)}`)
}
for (const work of works) await work.close()
for (const bank of banks) await bank.close()

/** Least squares on logarithms. */
function slope(x: readonly number[], y: readonly number[]): number {
  const lx = x.map(Math.log)
  const ly = y.map(Math.log)
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [mx, my] = [mean(lx), mean(ly)]
  const over = lx.reduce((sum, value, i) => sum + (value - mx) * (ly[i]! - my), 0)
  return over / lx.reduce((sum, value) => sum + (value - mx) ** 2, 0)
}
