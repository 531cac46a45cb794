/** 联系资料页签的文字；zh-CN.ts 的一部分。 */
export const factsZhCN = {
  facts: {
    title: '联系资料',
    history: '变更记录',
    fields: { phone: '电话', email: '电子邮箱', address: '地址', occupation: '职业' },
    edit: '修改',
    editTitle: '修改联系资料',
    editHint: '只填写要改的项；留空则不变。',
    reason: '理由',
    save: '保存',
    saved: '已保存，并记入审计',
    who: '操作人',
    when: '时间',
    field: '字段',
    before: '之前',
    after: '之后',
    restore: '恢复旧值',
    restoreTitle: (field: string) => `恢复“${field}”的旧值`,
    empty: '还没有人修改过',
    conflict: (field: string, edited: string, brought: string, load: number) =>
      `${field}：本行曾改为 ${edited}，之后装载 ${load} 带来较新的 ${brought}，现以后者为准。请核实。`,
    none: '（空）',
  },
}
