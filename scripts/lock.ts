// Completes package-lock.json. Where a registry cannot answer for another platform's optional package, npm drops
// that entry without a word and `npm ci` then refuses its own lock. Run after `npm install --package-lock-only`.
import { readFileSync, writeFileSync } from 'node:fs'

interface Entry {
  version: string
  optionalDependencies?: Record<string, string>
  dev?: boolean
  [key: string]: unknown
}
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Entry> }
const all = lock.packages
const platform = /(android|darwin|freebsd|linux|openharmony|win32|windows|win)-(arm64|arm|x64|ia32|ppc64|riscv64|s390x)/

for (const [path, entry] of Object.entries(all)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (all[`node_modules/${name}`] || all[`${path}/node_modules/${name}`] || !/^\d/.test(version)) continue
    const [, os, cpu] = platform.exec(name) ?? []
    if (!os || !cpu) throw new Error(`no platform in the name of ${name}`)
    all[`node_modules/${name}`] = {
      version,
      cpu: [cpu],
      ...(entry.dev && { dev: true }),
      optional: true,
      os: [os.startsWith('win') ? 'win32' : os],
    }
  }
}
lock.packages = Object.fromEntries(Object.entries(all).sort(([a], [b]) => a.localeCompare(b, 'en')))
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
