/** Probes of tags: the vocabulary, and putting one on customers. */
import type { EndpointName } from '../../src/contract/index.ts'
import { type MatrixBank, type Relation, relationLetters, relations } from './bank.ts'
import { type Asking, customers, each, type Probe, pageOf, record } from './probe.ts'
import { sights } from './table.ts'

const words = { zh: '看重', en: 'Valued', colour: 'plain', roles: [] }
/** Whom a list by the tag finds, as somebody who sees them all would say. */
const tagged = async ({ bank }: Asking, tag: number): Promise<Relation[]> => {
  const rows = await bank.query<{ customer_no: string }>(
    'select p.customer_no from party_tag t join party p on p.id = t.party_id where t.tag_id = $1',
    [tag],
  )
  return relationLetters.filter((one) => rows.some((row) => row.customer_no === relations[one].customerNo))
}

export const tagProbes = {
  listTags: record(async ({ get, bank }) => {
    const tag = await plantTag(bank)
    return (await get('/api/tags')).json?.rows?.some((row: { id: number }) => row.id === tag)
  }),
  makeTag: record(async ({ send, bank }) => {
    await bank.query(`delete from tag where name_zh = '看重'`)
    return (await send('POST', '/api/tags', words)).json?.id > 0
  }, 'top'),
  editTag: record(async ({ send, bank }) => {
    const tag = await plantTag(bank)
    const body = { ...words, zh: '测试标签', edition: 1, retired: false }
    return (await send('POST', `/api/tags/${tag}`, body)).json?.id === tag
  }, 'top'),
  readCustomerTags: customers(async ({ get, bank }) => {
    const tag = await plantTag(bank, true)
    return each(async (relation) => {
      const { json } = await get(pageOf('readCustomerTags', relation))
      return json?.tags?.some((row: { id: number }) => row.id === tag)
    })
  }),
  tagCustomer: customers(async ({ send, bank }) => {
    const tag = await plantTag(bank)
    return each(
      async (relation) => (await send('POST', pageOf('tagCustomer', relation), { put: [tag] })).json?.changed === 1,
    )
  }),
  previewTagging: record(async ({ get, bank, letter }) => {
    const tag = await plantTag(bank)
    const { json } = await get(`/api/tags/${tag}/preview?act=put`)
    return json?.changes === sights[letter]?.replaceAll('.', '').length
  }),
  tagCustomers: customers(async (asking) => {
    const { send, bank, letter } = asking
    const tag = await plantTag(bank)
    const changes = sights[letter]?.replaceAll('.', '').length
    await send('POST', `/api/tags/${tag}/customers`, { filter: {}, act: 'put', changes, reason: '活动' })
    return tagged(asking, tag)
  }),
} satisfies Partial<Record<EndpointName, Probe>>

/** One tag that everybody may use, on nobody or on everybody. */
export async function plantTag(bank: MatrixBank, on = false): Promise<number> {
  await bank.query('delete from party_tag')
  await bank.query('delete from tag')
  const [tag] = await bank.query<{ id: number }>(
    `insert into tag (name_zh, colour) values ('测试标签', 'plain') returning id`,
  )
  const id = tag?.id ?? 0
  if (on) {
    await bank.query(
      'insert into party_tag (party_id, tag_id, login_id) select p.id, $1, (select min(id) from login) from party p',
      [id],
    )
  }
  return id
}
