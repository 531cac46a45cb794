import { expect, test } from 'vitest'
import { readConfig, settings } from './config.ts'
import { Refused } from './kit/refusal.ts'

function refusal(env: Record<string, string>): Refused {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof Refused) return error
    throw error
  }
  throw new Error('nothing was refused')
}

test('an empty environment gives the defaults and the embedded database', () => {
  const config = readConfig({ PATH: '/bin', STRATA_PORT: '' })
  expect(config).toMatchObject({
    port: 7300,
    embedded: true,
    databaseUrl: '',
    baseCurrency: 'CNY',
    demoCustomers: 20_000,
  })
  expect(config.home.endsWith('/var')).toBe(true)
})

test.each([
  ['STRATA_PORT', '65536'],
  ['STRATA_PORT', '-1'],
  ['STRATA_PORT', '73e2'],
  ['STRATA_HOST', 'a b'],
  ['STRATA_BASE_CURRENCY', 'cny'],
  ['STRATA_BASE_CURRENCY', 'ABC'],
  ['STRATA_ZONE', 'Mars/Olympus'],
  ['STRATA_THREADS', '0'],
  ['STRATA_MEMORY_MB', '127'],
  ['STRATA_DEMO_CUSTOMERS', '99'],
  ['STRATA_LOG_LEVEL', 'loud'],
  ['DATABASE_URL', 'mysql://a/b'],
  ['STRATA_KMS_URL', 'http://kms.bank.example/v1/transit'],
  ['STRATA_OIDC_ISSUER', 'http://sso.bank.example'],
])('%s=%s is refused with its name and what is allowed', (name, value) => {
  const allowed = settings.find((one) => one.name === name)?.allowed
  expect(refusal({ [name]: value }).params).toEqual({ name, value, expected: allowed })
})

test.each([
  ['STRATA_PORT', '65535'],
  ['STRATA_PORT', '0'],
  ['STRATA_THREADS', '1'],
  ['STRATA_MEMORY_MB', '128'],
  ['STRATA_DEMO_CUSTOMERS', '100'],
])('%s=%s at the edge is taken', (name, value) => {
  expect(() => readConfig({ [name]: value })).not.toThrow()
})

test('a variable that does not exist is refused and its neighbour named', () => {
  expect(refusal({ STRATA_PROT: '1' }).params.expected).toBe('STRATA_PORT')
  expect(refusal({ STRATA_SOMETHING_ELSE: '1' }).params.expected).toContain('STRATA_HOME')
})

test('the database addresses come together or not at all, and no password is repeated', () => {
  const refused = refusal({ DATABASE_URL: 'postgres://app:secret@db/strata' })
  expect(refused.params.name).toBe('DATABASE_OWNER_URL')
  expect(refusal({ DATABASE_DIRECT_URL: 'postgres://a:b@db/strata' }).params.name).toBe('DATABASE_URL')
  expect(refusal({ DATABASE_URL: 'mysql://app:secret@db/strata' }).message).not.toContain('secret')
  expect(refusal({ STRATA_MASTER_KEY: 'topsecret' }).message).not.toContain('topsecret')
  const owner = 'postgres://owner:x@db/strata'
  expect(readConfig({ DATABASE_URL: 'postgres://a:b@db/strata', DATABASE_OWNER_URL: owner })).toMatchObject({
    embedded: false,
    databaseDirectUrl: owner,
  })
})
