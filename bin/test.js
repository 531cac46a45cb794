#!/usr/bin/env node
/**
 * `npm test`, the whole gate: installs what is missing (as root the browser too), then types, lint, dead code and all
 * tests. The last line is `N passed, N failed`, with `, N skipped` when there are any; tests that could not run are listed
 * by name before it. With `--strict` one of those is a failure; FILES after `--` run only these tests.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { ensureInstalled, pinnedNode, root } from './install.js'

const strict = process.argv.includes('--strict')
const files = process.argv.slice(2).filter((arg) => !arg.startsWith('--'))
const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium']

ensureInstalled({ dev: true })
const node = pinnedNode()
if (files.length === 0) ensureBrowser()
const total = { passed: 0, failed: 0, skipped: 0 }
const failures = []
const notRun = []
if (files.length === 0) {
  step('types of the server', ['tsc', '-p', '.'])
  step('types of the web', ['tsc', '-p', 'web'])
  step('lint and format', ['biome', 'check', '.'])
  step('dead code', ['knip'])
}
vitest()
report()

/** One check that is not a test of vitest. Its output is shown only when it fails. */
function step(name, [command, ...args]) {
  const started = Date.now()
  const ran = run(join(root, 'node_modules/.bin', command), args, 'pipe')
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  if (ran.status === 0) {
    total.passed++
    process.stdout.write(`✓ ${name} (${seconds} s)\n`)
  } else {
    total.failed++
    failures.push(name)
    process.stdout.write(
      `✗ ${name} (${seconds} s)\n${ran.stdout ?? ''}${ran.stderr ?? ''}${ran.error?.message ?? ''}\n`,
    )
  }
}

function vitest() {
  const folder = mkdtempSync(join(tmpdir(), 'strata-report-'))
  const path = join(folder, 'report.json')
  const program = join(root, 'node_modules/vitest/vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${path}`]
  const ran = run(node, [program, 'run', ...reporters, ...files], 'inherit')
  const told = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { testResults: [] }
  rmSync(folder, { recursive: true, force: true })
  let failed = 0
  for (const file of told.testResults) {
    if (file.status === 'failed' && !file.assertionResults.some((one) => one.status === 'failed')) {
      failed++
      failures.push(`${file.name.replace(`${root}/`, '')}: the file itself`)
    }
    for (const one of file.assertionResults) {
      const name = `${file.name.replace(`${root}/`, '')} > ${one.fullName}`
      if (one.status === 'passed') total.passed++
      else if (one.status === 'failed') {
        failed++
        failures.push(name)
      } else {
        total.skipped++
        if (/NOT RUN/.test(one.fullName)) notRun.push(name)
      }
    }
  }
  // Something outside any test, such as the database of the tests or an error that nobody caught.
  if (ran.status !== 0 && failed === 0) {
    failed++
    failures.push('vitest itself, see above')
  }
  total.failed += failed
}

function report() {
  for (const name of failures) process.stdout.write(`FAILED ${name}\n`)
  for (const name of notRun) process.stdout.write(`NOT RUN ${name.replace(/NOT RUN /, '')}\n`)
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
  process.stdout.write(`${total.passed} passed, ${total.failed} failed${skipped}\n`)
  const unwelcome = notRun.filter((name) => strict || /no browser/.test(name))
  process.exitCode = total.failed > 0 || total.passed === 0 || unwelcome.length > 0 ? 1 : 0
}

/** Root gets Debian's Chromium and Chinese fonts when they are missing; anybody else is told by the tests. */
function ensureBrowser() {
  if (process.env.STRATA_BROWSER || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  const wanted = []
  if (!browsers.some((path) => existsSync(path))) wanted.push('chromium')
  const fonts = spawnSync('fc-list', [':lang=zh'], { encoding: 'utf8' })
  if (!fonts.stdout?.trim()) wanted.push('fonts-noto-cjk', 'fontconfig')
  if (wanted.length === 0) return
  process.stderr.write(`strata: installing ${wanted.join(', ')} for the browser tests …\n`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-q'], { env, stdio: 'ignore' })
  const ran = spawnSync('apt-get', ['install', '-yq', '--no-install-recommends', ...wanted], { env, encoding: 'utf8' })
  if (ran.status !== 0)
    process.stderr.write(`strata: apt-get failed:\n${(ran.stderr ?? '').trim().split('\n').slice(-5).join('\n')}\n`)
}

function run(command, args, output) {
  const path = `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`
  return spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: ['ignore', output, output],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
}
