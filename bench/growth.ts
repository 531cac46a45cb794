/** `npm run bench -- growth`: the computing part of a night at 100,000, 300,000 and 1,000,000 customers; slope of log time. */
import { openBench } from './bank.ts'
import { nightWork } from './night-work.ts'
import { interleave, printMachine, printTimings } from './support.ts'

const sizes = [100_000, 300_000, 1_000_000]
const banks = []
for (const size of sizes) banks.push(await openBench(size))
const works = []
for (const bank of banks) works.push(await nightWork(bank))
printMachine()
const timings = await interleave(works.map((work, i) => ({ name: `${sizes[i]} customers`, run: work.run })))
printTimings('growth of measures, tiers, scores', timings)
console.log(
  `  slope of log time against log customers: ${slope(
    sizes,
    timings.map((timing) => timing.median),
  ).toFixed(3)}`,
)
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
