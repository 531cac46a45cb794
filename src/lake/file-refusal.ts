/** Why a whole file is refused: one table of reasons, each with what was expected and what to do, in both languages. */
import { refuse } from '../kit/refusal.ts'

interface Reason {
  zh: string
  en: string
  expectedZh: string
  expectedEn: string
  adviceZh: string
  adviceEn: string
}

const send: Pick<Reason, 'adviceZh' | 'adviceEn'> = {
  adviceZh: '请重新导出并重新传送该文件',
  adviceEn: 'Export the file again and send it again',
}

/** `{name}` is replaced by the parameter of that name. */
export const fileReasons = {
  empty: {
    zh: '文件是空的',
    en: 'the file is empty',
    expectedZh: '一行表头和各数据行；没有数据时只给表头',
    expectedEn: 'a header line and rows; a header alone when there is nothing to say',
    ...send,
  },
  too_large: {
    zh: '文件超过大小上限',
    en: 'the file is larger than allowed',
    expectedZh: '不超过 {limit} 字节',
    expectedEn: 'at most {limit} bytes',
    adviceZh: '请按日期或机构拆分后再传',
    adviceEn: 'Split it by day or unit',
  },
  not_compressed: {
    zh: '扩展名是压缩文件，但内容不是',
    en: 'the name says compressed, the bytes do not',
    expectedZh: '{wanted} 压缩数据',
    expectedEn: '{wanted} data',
    adviceZh: '请去掉扩展名或重新压缩',
    adviceEn: 'Drop the extension or compress the file again',
  },
  truncated: {
    zh: '压缩数据在解出 {after} 字节后中断',
    en: 'the compressed data ends early, after {after} bytes of content',
    expectedZh: '完整的压缩文件',
    expectedEn: 'a complete compressed file',
    adviceZh: '传送可能中断：请核对发送方的文件大小并重新传送',
    adviceEn: 'The transfer probably broke off: compare the size with the sender and send it again',
  },
  corrupted: {
    zh: '压缩数据在解出 {after} 字节后损坏',
    en: 'the compressed data is damaged after {after} bytes of content',
    expectedZh: '校验正确的压缩文件',
    expectedEn: 'compressed data whose checksum agrees',
    ...send,
  },
  zip_bomb: {
    zh: '解压后的内容大得不正常',
    en: 'the file unpacks to an unreasonable size',
    expectedZh: '不超过 {limit} 字节，且不超过压缩大小的 {ratio} 倍',
    expectedEn: 'at most {limit} bytes and {ratio} times the compressed size',
    adviceZh: '请向发送方核实该文件；确有需要时拆分或不压缩传送',
    adviceEn: 'Ask the sender about this file; if it is genuine, split it or send it uncompressed',
  },
  utf16: {
    zh: '文件是 UTF-16 编码',
    en: 'the file is UTF-16',
    expectedZh: 'UTF-8（可带 BOM）或 GB18030',
    expectedEn: 'UTF-8 (a byte order mark is fine) or GB18030',
    adviceZh: '请另存为 UTF-8 后再传',
    adviceEn: 'Save it as UTF-8 and send it again',
  },
  encoding_wrong: {
    zh: '第 {line} 行（第 {offset} 字节）不是有效的 {encoding}',
    en: 'line {line} (byte {offset}) is not valid {encoding}',
    expectedZh: '全文为同一种编码：UTF-8 或 GB18030',
    expectedEn: 'one encoding throughout: UTF-8 or GB18030',
    adviceZh: '请检查该行，并以单一编码重新导出',
    adviceEn: 'Look at that line and export the file again in a single encoding',
  },
  encoding_mixed: {
    zh: '第 {line} 行（第 {offset} 字节）起编码与其他行不同',
    en: 'line {line} (byte {offset}) is in another encoding than the lines before it',
    expectedZh: '全文为同一种编码：UTF-8 或 GB18030',
    expectedEn: 'one encoding throughout: UTF-8 or GB18030',
    adviceZh: '多个来源的文件可能被拼接：请统一编码后重新导出',
    adviceEn: 'Files of several systems were probably joined: convert them to one encoding first',
  },
  nul_byte: {
    zh: '第 {line} 行（第 {offset} 字节）含有空字节',
    en: 'line {line} (byte {offset}) holds a NUL byte',
    expectedZh: '纯文本',
    expectedEn: 'plain text',
    adviceZh: '文件可能损坏或是二进制格式：请重新导出为文本',
    adviceEn: 'The file is damaged or binary: export it again as text',
  },
  header_missing: {
    zh: '第 1 行不是表头：{found}',
    en: 'line 1 is no header: {found}',
    expectedZh: '列名，其中必须有 {columns}',
    expectedEn: 'column names, among them {columns}',
    adviceZh: '请让导出程序写出列名，或用映射说明列的顺序',
    adviceEn: 'Let the export write the column names, or describe the order of columns in a mapping',
  },
  header_unreadable: {
    zh: '表头中有空列名（第 {position} 列）',
    en: 'the header has an empty column name (column {position})',
    expectedZh: '每列都有列名',
    expectedEn: 'a name for every column',
    adviceZh: '请补上列名，或去掉行末多余的分隔符',
    adviceEn: 'Name the column, or drop the separator at the end of the line',
  },
  column_missing: {
    zh: '缺少必需的列 {columns}',
    en: 'the required column {columns} is missing',
    expectedZh: '列 {expected}',
    expectedEn: 'the columns {expected}',
    adviceZh: '请在导出中加入该列；列的顺序不限',
    adviceEn: 'Add the column to the export; the order of columns is free',
  },
  column_twice: {
    zh: '列 {column} 出现了两次',
    en: 'the column {column} occurs twice',
    expectedZh: '每个列名只出现一次',
    expectedEn: 'every column name once',
    adviceZh: '请删除或改名其中一列',
    adviceEn: 'Drop or rename one of them',
  },
  quote_unterminated: {
    zh: '第 {line} 行的引号没有结束',
    en: 'the quotation mark opened on line {line} is never closed',
    expectedZh: '成对的引号；字段内的引号写成两个',
    expectedEn: 'quotation marks in pairs; one inside a field is written twice',
    adviceZh: '请检查该行，补上引号后重新传送',
    adviceEn: 'Look at that line, close the quotation mark and send the file again',
  },
  line_too_long: {
    zh: '第 {line} 行超过 {limit} 字节',
    en: 'line {line} is longer than {limit} bytes',
    expectedZh: '以换行分隔的文本行',
    expectedEn: 'lines of text ended by line breaks',
    adviceZh: '文件可能没有换行或不是文本：请重新导出',
    adviceEn: 'The file has no line breaks or is not text: export it again',
  },
  totals_differ: {
    zh: '控制总数不符：{name} 应为 {said}，实际为 {read}',
    en: 'control total {name} says {said}, the file holds {read}',
    expectedZh: '{name} = {said}',
    expectedEn: '{name} = {said}',
    adviceZh: '文件可能不完整或被改动：请与发送方核对后重新传送',
    adviceEn: 'The file is incomplete or was changed: compare with the sender and send it again',
  },
  totals_unreadable: {
    zh: '控制总数无法读取：{text}',
    en: 'the control totals cannot be read: {text}',
    expectedZh: 'rows=、sum.<列名>=、day=、sha256=',
    expectedEn: 'rows=, sum.<column>=, day=, sha256=',
    adviceZh: '请按文档格式改写控制文件或尾行',
    adviceEn: 'Write the control file or trailer as the feed documentation says',
  },
  day_unknown: {
    zh: '数据日期为 {found}，与文件日期 {named} 不符',
    en: 'the rows speak of {found}, the file name of {named}',
    expectedZh: '日期 {named} 的数据',
    expectedEn: 'rows of {named}',
    adviceZh: '请核对文件名与数据日期后重新传送',
    adviceEn: 'Compare file name and business day and send the right file',
  },
  day_future: {
    zh: '文件日期 {named} 在今天（{today}）之后',
    en: 'the day of the file, {named}, is after today ({today})',
    expectedZh: '今天或更早的日期',
    expectedEn: 'today or an earlier day',
    adviceZh: '请核对文件名与数据日期',
    adviceEn: 'Check the file name and the business day',
  },
  parquet_corrupted: {
    zh: 'Parquet 文件损坏',
    en: 'the Parquet file is damaged',
    expectedZh: '完整的 Parquet 文件',
    expectedEn: 'a complete Parquet file',
    ...send,
  },
  parquet_type: {
    zh: '列 {column} 的 Parquet 类型是 {found}',
    en: 'column {column} has the Parquet type {found}',
    expectedZh: '{wanted}',
    expectedEn: '{wanted}',
    adviceZh: '请以所列类型之一重新导出；金额不得用浮点数',
    adviceEn: 'Export the column in one of these types; money is never a floating-point number',
  },
  sheet_unreadable: {
    zh: '无法读取该工作簿：{detail}',
    en: 'the workbook cannot be read: {detail}',
    expectedZh: '未加密的 .xlsx，数据在第一个工作表',
    expectedEn: 'an .xlsx without password, the rows on its first sheet',
    adviceZh: '请在 Excel 中另存为 .xlsx，或导出为 CSV',
    adviceEn: 'Save it as .xlsx in Excel, or export it as CSV',
  },
  sheet_too_large: {
    zh: '工作表有 {rows} 行',
    en: 'the sheet has {rows} rows',
    expectedZh: '最多 {limit} 行',
    expectedEn: 'at most {limit} rows',
    adviceZh: '请改用 CSV 或 Parquet',
    adviceEn: 'Send it as CSV or Parquet',
  },
  sheet_error: {
    zh: '第 {line} 行的列 {column} 是公式错误 {value}',
    en: 'line {line}, column {column} holds the formula error {value}',
    expectedZh: '数值或文本，不含公式错误',
    expectedEn: 'values, no formula errors',
    adviceZh: '请修正公式并粘贴为数值',
    adviceEn: 'Mend the formula and paste the values',
  },
  row_misshapen: {
    zh: '第 {line} 行有 {fields} 个字段',
    en: 'line {line} has {fields} fields',
    expectedZh: '每行 {wanted} 个字段：其他文件要从该文件中查找，缺行会悄悄改变结果',
    expectedEn:
      '{wanted} fields in every row: other files look things up in this one, and a missing row would quietly change them',
    adviceZh: '请检查该行的分隔符与引号后重新导出',
    adviceEn: 'Check the separators and quotation marks of that row and export it again',
  },
  transaction_unreadable: {
    zh: '第 {line} 行的账户、日期或金额无法读取，不能推算日终余额',
    en: 'line {line}: account, day or amount cannot be read, so no balance can be derived',
    expectedZh: '每笔交易都有账户、日期和金额',
    expectedEn: 'account, day and amount in every transaction',
    adviceZh: '请更正该行，或在映射中说明如何读取',
    adviceEn: 'Correct the row, or say in the mapping how it is to be read',
  },
  archive_unknown: {
    zh: '压缩包内不是文本文件',
    en: 'what is inside the compression is no text file',
    expectedZh: '压缩的 CSV；Parquet 与 XLSX 不再压缩',
    expectedEn: 'a compressed CSV; Parquet and XLSX come as they are',
    adviceZh: '请直接传送该文件，不要再压缩',
    adviceEn: 'Send the file without compressing it again',
  },
} as const satisfies Record<string, Reason>

export type FileReason = keyof typeof fileReasons

/** Refuses the whole file: `file_refused` with reason, expectation and advice in English and Chinese. */
export function refuseFile(file: string, reason: FileReason, params: Record<string, string | number> = {}): never {
  const wording: Reason = fileReasons[reason]
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole))
  refuse('file_refused', {
    file,
    rule: reason,
    reason: fill(wording.en),
    expected: fill(wording.expectedEn),
    advice: fill(wording.adviceEn),
    reasonZh: fill(wording.zh),
    expectedZh: fill(wording.expectedZh),
    adviceZh: fill(wording.adviceZh),
    ...(params['line'] === undefined ? {} : { line: params['line'] }),
    ...(params['offset'] === undefined ? {} : { offset: params['offset'] }),
  })
}
