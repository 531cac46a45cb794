/**
 * The door of the nightly work for the API and the command line: explain, history, simulate, the tier list as a file,
 * loads and nights. Each takes the workplace, answers with plain values, reports progress and refuses like everything.
 */
export { type DiscloseRequest, disclose } from './disclose.ts'
export { type CustomerHistory, customerHistory, explainCustomer } from './explain.ts'
export { type ExportRequest, exportTiers } from './export-tiers.ts'
export type { FileAccount } from './load/account.ts'
export { type LoadFileRequest, loadFile } from './load/folder.ts'
export { exportName, exportQuarantine } from './load/mended.ts'
export { type NightRequest, type NightResult, runNight } from './night.ts'
export { monthEndsBetween, newestDay } from './night-day.ts'
export { mendFirst } from './quality.ts'
export { rehearseRetention, setRetention } from './retention.ts'
export { openSimulator, type SimulateRequest, type SimulateResult, type Simulator } from './simulate.ts'
export { recomputeAllStale, recomputeStale } from './would-have-been.ts'
