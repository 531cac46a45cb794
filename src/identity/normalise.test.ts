import { describe, expect, test } from 'vitest'
import { normalise } from './normalise.ts'
import { simplified } from './simplified.ts'

const person = (fields: object) => normalise({ kind: 'person', ...fields })
const company = (fields: object) => normalise({ kind: 'company', ...fields })

describe('names', () => {
  test.each([
    ['王建国', '王', '建国', 'wang', 'jianguo'],
    ['王 建國', '王', '建国', 'wang', 'jianguo'],
    ['歐陽娜娜', '欧阳', '娜娜', 'ouyang', 'nana'],
    ['单文', '单', '文', 'shan', 'wen'],
    ['吕绿', '吕', '绿', 'lv', 'lv'],
    ['买买提·吐尔逊', '', '买买提吐尔逊', '', 'maimaitituerxun'],
    ['买买提吐尔逊', '', '买买提吐尔逊', '', 'maimaitituerxun'],
    ['Wang Jianguo', 'wang', 'jianguo', 'wang', 'jianguo'],
    ['JIANGUO WANG', 'wang', 'jianguo', 'wang', 'jianguo'],
    ['wangjianguo', 'wang', 'jianguo', 'wang', 'jianguo'],
    ['Lyu Lyu', 'lyu', 'lyu', 'lv', 'lv'],
    ['John Smith', 'john', 'smith', 'john', 'smith'],
  ])('%s', (name, surname, given, surnameSound, givenSound) => {
    expect(person({ name })).toMatchObject({ surname, given, surnameSound, givenSound })
  })

  test('parts that came apart stay as they are', () => {
    expect(person({ givenName: 'Mary Ann', surname: "O'Neil" })).toMatchObject({ given: 'maryann', surname: 'oneil' })
  })

  test.each([
    ['江州恒信商贸有限公司', '恒信', '商贸'],
    ['江州市恒信商贸有限责任公司', '恒信', '商贸'],
    ['恒信商贸（集团）有限公司', '恒信', '商贸'],
    ['江州恒信商贸集团', '恒信', '商贸'],
    ['恒信商貿', '恒信', '商贸'],
    ['江州恒信', '恒信', ''],
    ['恒信信息科技发展有限公司', '恒信', '信息科技发展'],
  ])('company %s', (name, given, surname) => {
    expect(company({ name, address: '江州市望江区人民路1号' })).toMatchObject({ given, surname })
  })
})

describe('addresses', () => {
  test.each([
    ['江州市望江区人民路128号阳光花园12幢3单元502室', '江州', '望江', '人民路', '128', '阳光花园12-3-502'],
    ['人民路128号阳光花园12栋3-502', '', '', '人民路', '128', '阳光花园12-3-502'],
    ['望江区人民路一百二十八号', '', '望江', '人民路', '128', ''],
    ['某某省江州市望江区 人民路 128', '江州', '望江', '人民路', '128', ''],
    ['江州市云台縣解放路十號', '江州', '云台', '解放路', '10', ''],
    ['', '', '', '', '', ''],
  ])('%s', (address, region, district, street, number, building) => {
    expect(person({ address })).toMatchObject({ region, district, street, number, building })
  })
})

describe('numbers', () => {
  test('an old identity number gets its century and check digit, and no verification', () => {
    const old = person({ identityNo: '110105491231002' })
    expect(old).toMatchObject({ identity: '11010519491231002X', verified: false })
    expect(person({ identityNo: '11010519491231002x' })).toMatchObject({ identity: old.identity, verified: true })
  })

  test('a wrong check digit verifies nothing', () => {
    expect(person({ identityNo: '110105194912310021' }).verified).toBe(false)
    expect(company({ identityNo: '91350100M000100Y43' }).verified).toBe(true)
    expect(company({ identityNo: '91350100M000100Y44' }).verified).toBe(false)
  })

  test('the number says the birthday where nothing else does', () => {
    expect(person({ identityNo: '11010519491231002X' }).birth).toBe('19491231')
    expect(person({ identityNo: '11010519491231002X', birthOn: '1949-12-30' }).birth).toBe('19491230')
  })

  test.each(['13800138000', '+86 138 0013 8000', '0086-138-0013-8000', '１３８００１３８０００', '86 13800138000'])(
    'phone %s',
    (phone) => {
      expect(person({ phone }).phone).toBe('13800138000')
    },
  )

  test.each(['1990-01-02', '19900102', '1990/1/2', '1990年1月2日'])('day %s', (birthOn) => {
    expect(person({ birthOn }).birth).toBe('19900102')
  })
})

test('traditional characters become simplified ones, others stay', () => {
  expect(simplified('國華麗蕭閻餘範鍾 abc 王')).toBe('国华丽萧阎余范钟 abc 王')
})
