/** Refusals about papers that customers handed in; part of refusal.ts. */
import type { Wording } from './refusal.ts'

export const paperRefusals = {
  paper_held: {
    status: 409,
    zh: '同一份材料已存：{kind}，有效期至 {until}，由{unit}于 {taken} 收取，无需再次提交',
    en: 'This very paper is held already: {kind}, valid until {until}, taken by {unit} on {taken}; it need not be handed in again',
  },
  paper_kind_unknown: { status: 422, zh: '没有名为 {kind} 的材料种类', en: 'There is no kind of paper called {kind}' },
  paper_kind_known: { status: 409, zh: '材料种类 {kind} 已存在', en: 'There is a kind of paper {kind} already' },
  paper_media_refused: {
    status: 422,
    zh: '文件不是可收取的格式：应为 JPEG、PNG、WebP 图片或 PDF，不超过 {limit}',
    en: 'This file cannot be taken: it should be a JPEG, PNG or WebP picture or a PDF of at most {limit}',
  },
  paper_expired: {
    status: 422,
    zh: '该材料已于 {until} 到期，请客户提供有效的材料',
    en: 'This paper expired on {until}; ask for one that is valid',
  },
  paper_elsewhere: {
    status: 403,
    zh: '该材料由{unit}持有，须先申请调阅',
    en: 'This paper is held by {unit}; ask for it first',
  },
  paper_withdrawn: { status: 409, zh: '该材料已撤销', en: 'This paper was withdrawn' },
  paper_gone: {
    status: 410,
    zh: '该材料的文件已超过保存期限或已删除，仅留存持有记录',
    en: 'The file of this paper is kept no longer; only that it was held is on record',
  },
  paper_not_valid: {
    status: 409,
    zh: '该材料当前无效（{stateZh}），不能使用',
    en: 'This paper cannot be used now: {state}',
  },
  paper_open_already: { status: 409, zh: '您已可打开该材料，无需申请', en: 'You can open this paper already' },
  paper_request_open: {
    status: 409,
    zh: '您对该材料的申请正在等待处理',
    en: 'A request of yours for this paper is waiting already',
  },
  paper_rule_known: {
    status: 409,
    zh: '已有一条针对该种类与用途的规则，请先终止',
    en: 'A rule for this kind and purpose is in force; end it first',
  },
} as const satisfies Record<string, Wording>
