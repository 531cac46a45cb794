import { hash } from '@node-rs/argon2'
import { describe, expect, test } from 'vitest'
import { hashPassword, isPassword, needsRehash, passwordFault } from './password.ts'

const names = ['wangfang', '王芳', 'Strata', '临江银行', 'Linjiang Bank']
const fault = (password: string, lengthMin = 12) => passwordFault(password, { lengthMin, names })?.reason ?? null

describe('a password is taken by its length', () => {
  test.each([
    ['correct horse b', null],
    ['seven green kettles', null],
    ['十二个字符就够用了好吗？', null],
    ['eleven char', 'it takes at least 12 characters'],
    ['twelve chars', null],
    [`${'abcd efg '.repeat(14)}xy`, null],
    [`${'abcd efg '.repeat(14)}xyz`, 'it takes at most 128 characters'],
  ])('%s', (password, reason) => expect(fault(password)).toBe(reason))

  test('the least is a setting', () => {
    expect(fault('a green kettle', 14)).toBeNull()
    expect(fault('a green kettl', 14)).toBe('it takes at least 14 characters')
  })
})

describe('refused is', () => {
  test.each([
    // what many take, also padded, doubled, joined and with signs for letters
    ['woaini1314520', 'many people use it'],
    ['5201314woaini', 'many people use it'],
    ['woaini@5201314', 'many people use it'],
    ['WoAiNi!!!!!!!', 'many people use it'],
    ['P@ssw0rd2026!', 'many people use it'],
    ['password1234', 'many people use it'],
    ['qwer1234asdf1234', 'many people use it'],
    ['dragondragon', 'many people use it'],
    ['１qaz２wsx３edc', 'many people use it'],
    // names
    ['wangfang1990!!', 'it holds the sign-in name, the own name or that of the bank'],
    ['xx WANGFANG xx', 'it holds the sign-in name, the own name or that of the bank'],
    ['我是王芳我怕谁啊啊就这样', 'it holds the sign-in name, the own name or that of the bank'],
    ['strata for me', 'it holds the sign-in name, the own name or that of the bank'],
    ['临江银行欢迎您下次再来呀', 'it holds the sign-in name, the own name or that of the bank'],
    // sequences and repetition
    ['abcdefghijklmn', 'it is a sequence'],
    ['9876543210987', 'it is a sequence'],
    ['abababababab', 'it repeats few characters'],
  ])('%s', (password, reason) => expect(fault(password)).toBe(reason))
})

describe('as it is kept', () => {
  test('full-width and plain letters are one password, and a text that is no hash opens to nobody', async () => {
    const kept = await hashPassword('seven ｇｒｅｅｎ kettles')
    expect(kept).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(await isPassword(kept, 'seven green kettles')).toBe(true)
    expect(await isPassword(kept, 'seven green kettle')).toBe(false)
    expect(await isPassword('disabled', 'disabled')).toBe(false)
  })

  test('what was hashed with less is hashed anew', async () => {
    expect(needsRehash(await hashPassword('seven green kettles'))).toBe(false)
    const weaker = { memoryCost: 8192, timeCost: 2, parallelism: 1 }
    expect(needsRehash(await hash('seven green kettles', weaker))).toBe(true)
    expect(needsRehash(await hash('seven green kettles', { ...weaker, memoryCost: 19_456, timeCost: 1 }))).toBe(true)
  })
})
