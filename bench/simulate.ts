/**
 * `npm run bench -- simulate [--customers 1000000]`: other bars, another household rule and other weights over the last
 * published night; p50 and p95 of 40 questions each, against a bare count over the same night's parties.
 */
import { yuan } from '../src/kit/money.ts'
import { runNight } from '../src/nightly/night.ts'
import { openSimulator, type SimulateRequest } from '../src/nightly/requests.ts'
import { openBench } from './bank.ts'
import { option, printMachine, quantile } from './support.ts'

const bank = await openBench(option('customers', 1_000_000))
const { workplace } = bank
printMachine()
const published = await workplace.db.owner.query('select 1 from published_night')
if (published.rowCount === 0) await runNight(workplace, { day: bank.day })
const policy = await workplace.db.owner.query(
  "select source from policy where scheme = 'personal' order by version desc",
)
const source = policy.rows[0].source as string
const simulator = openSimulator(workplace)
await simulator.warm()

const bars = (i: number): SimulateRequest => ({ bars: [{ tier: 'gold', individualFen: yuan(80_000 + 1000 * i) }] })
const times = option('times', 40)
await ask('changed bars', times, bars)
await ask('changed household rule', times, (i) => ({ ...bars(i), householdRule: i % 2 === 0 ? 'sum' : 'mean' }))
await ask('changed weights (sums computed anew)', Math.min(times, 5), (i) => ({
  policyText: source.replace(/^( *)weights: .*$/m, `$1weights: { wealth: 0.${90 + i} }`),
}))
await simulator.close()
await bank.close()

async function ask(title: string, times: number, request: (i: number) => SimulateRequest): Promise<void> {
  const seconds: number[] = []
  const counting: number[] = []
  for (let i = 0; i < times; i++) {
    let begun = performance.now()
    await workplace.db.owner.query('select count(*) from night_customer')
    counting.push((performance.now() - begun) / 1000)
    begun = performance.now()
    await simulator.simulate(request(i))
    seconds.push((performance.now() - begun) / 1000)
  }
  const ms = (values: number[], q: number) => `${(quantile(values, q) * 1000).toFixed(0)} ms`
  console.log(
    `${title}: p50 ${ms(seconds, 0.5)}, p95 ${ms(seconds, 0.95)}, worst ${ms(seconds, 1)}; yardstick count p50 ${ms(counting, 0.5)}; ratio ${(quantile(seconds, 0.5) / quantile(counting, 0.5)).toFixed(2)}`,
  )
}
