/**
 * What every benchmark shares: interleaved runs against a yardstick in the same process run, medians and spread, the
 * machine, and the peak memory of our process tree without PostgreSQL. Nothing here asserts a time: machines differ and
 * are noisy; the ratio to the yardstick is the figure.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'

export interface Contender {
  name: string
  run(): Promise<unknown>
  /** The process that does the work, where that is another: its processor time is told too, which noise disturbs less. */
  pid?(): number | undefined
}

export interface Timing {
  name: string
  seconds: number[]
  median: number
  /** Processor seconds of `pid`, per run; empty without one. */
  cpu: number[]
}

/** Runs the contenders in turn (A B C A B C …), `runs` counted rounds after `warmups`; the first is the yardstick. */
export async function interleave(contenders: readonly Contender[], runs = 5, warmups = 1): Promise<Timing[]> {
  const timings = contenders.map(({ name }): Timing => ({ name, seconds: [], median: Number.NaN, cpu: [] }))
  for (let round = -warmups; round < runs; round++) {
    for (const [i, contender] of contenders.entries()) {
      const before = cpuSeconds(contender.pid?.())
      const begun = performance.now()
      await contender.run()
      const seconds = (performance.now() - begun) / 1000
      const after = cpuSeconds(contender.pid?.())
      if (round < 0) continue
      timings[i]!.seconds.push(seconds)
      if (before !== undefined && after !== undefined) timings[i]!.cpu.push(after - before)
    }
  }
  for (const timing of timings) timing.median = quantile(timing.seconds, 0.5)
  return timings
}

/** Prints raw times, medians, spread and the ratio of each to the first. */
export function printTimings(title: string, timings: readonly Timing[]): void {
  const yardstick = timings[0]!
  console.log(`\n${title}`)
  for (const timing of timings) {
    const raw = timing.seconds.map((s) => s.toFixed(3)).join(' ')
    const spread = `${Math.min(...timing.seconds).toFixed(3)}–${Math.max(...timing.seconds).toFixed(3)}`
    const ratio = timing === yardstick ? 'yardstick' : `ratio ${(timing.median / yardstick.median).toFixed(2)}`
    console.log(
      `  ${timing.name.padEnd(44)} median ${timing.median.toFixed(3)} s  spread ${spread}  ${ratio}  [${raw}]${cpuText(timing, yardstick)}`,
    )
  }
}

function cpuText({ cpu }: Timing, yardstick: Timing): string {
  if (cpu.length === 0) return ''
  const median = quantile(cpu, 0.5)
  const ratio = yardstick.cpu.length > 0 ? `, ratio ${(median / quantile(yardstick.cpu, 0.5)).toFixed(2)}` : ''
  return `  processor ${median.toFixed(2)} s${ratio}`
}

/** User and system time of a process so far, in steps of 10 ms (Linux only). */
export function cpuSeconds(pid: number | undefined): number | undefined {
  const fields = pid === undefined ? undefined : read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ')
  return fields ? (Number(fields[11]) + Number(fields[12])) / 100 : undefined
}

/** The q-quantile (0..1) by linear interpolation. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const low = sorted[Math.floor(at)] ?? Number.NaN
  const high = sorted[Math.ceil(at)] ?? Number.NaN
  return low + (high - low) * (at - Math.floor(at))
}

export function printMachine(): void {
  const model = cpus()[0]?.model ?? 'unknown processor'
  console.log(
    `machine: ${availableParallelism()} × ${model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}, ${process.platform}`,
  )
}

/** Samples the proportional set size of this process and all below it, PostgreSQL left out; `stop` gives the peak. */
export function watchMemory(everyMs = 100): { stop(): number } {
  let peak = 0
  const sample = () => {
    peak = Math.max(peak, treePss())
  }
  sample()
  const timer = setInterval(sample, everyMs)
  return {
    stop: () => {
      clearInterval(timer)
      sample()
      return peak
    },
  }
}

/** Bytes of PSS of this process and its descendants, without PostgreSQL (Linux only; 0 elsewhere). */
export function treePss(root = process.pid): number {
  if (process.platform !== 'linux') return 0
  const children = new Map<number, number[]>()
  const names = new Map<number, string>()
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = read(`/proc/${entry}/stat`)
    const found = /^(\d+) \((.*)\) \S (\d+)/s.exec(stat)
    if (!found) continue
    names.set(Number(found[1]), found[2]!)
    children.set(Number(found[3]), [...(children.get(Number(found[3])) ?? []), Number(found[1])])
  }
  const walk = (pid: number): number => {
    if (names.get(pid)?.startsWith('postgres')) return 0
    const pss = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))
    return Number(pss?.[1] ?? 0) * 1024 + (children.get(pid) ?? []).reduce((sum, child) => sum + walk(child), 0)
  }
  return walk(root)
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`
}

/** `--name text` from the command line. */
export function textOption(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}

/** `--name value` from the command line, as a whole number. */
export function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : Number(process.argv[at + 1])
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
