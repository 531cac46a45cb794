/** Refusals of a policy text: which line, which setting, what is wrong with it, in both languages. */
import { type Document, isMap, isNode, isScalar, type LineCounter, type Node } from 'yaml'
import type { z } from 'zod'
import { refuse } from '../kit/refusal.ts'

export type Path = (string | number)[]
/** Refuses with `policy_invalid` at the line of the setting at `path`. */
export type Say = (path: Path, zh: string, en: string) => never

export function sayAt(document: Document, lines: LineCounter): Say {
  return (path, zh, en) =>
    refuse('policy_invalid', { line: lineOf(document, lines, path), reason: `${dotted(path)}${zh} / ${en}` })
}

/** Refuses a text that is no YAML, at the place where it stops being one. */
export function refuseBroken(document: Document, lines: LineCounter): void {
  const broken = document.errors[0]
  if (!broken) return
  const [reason] = broken.message.split('\n')
  refuse('policy_invalid', { line: lines.linePos(broken.pos[0]).line, reason: `YAML：${reason}` })
}

/** A text that is no policy at all is one long value. */
const shownMax = 60

/** Refuses with the first complaint of the schema, put in words. */
export function sayIssue(document: Document, issues: readonly z.core.$ZodIssue[], say: Say): never {
  const issue = deepest(issues)
  const path = issue.path.filter((step): step is string | number => typeof step !== 'symbol')
  if (issue.code === 'unrecognized_keys') {
    return say([...path, issue.keys[0] ?? ''], '没有这个设置', 'there is no such setting')
  }
  const node = path.length > 0 ? document.getIn(path, true) : document.contents
  const value = isScalar(node) ? String(node.value ?? '') : undefined
  if (node === undefined) return say(path, '缺少', 'is missing')
  if (value === '' || issue.message === 'blank') return say(path, '空白', 'is blank')
  const shown = value === undefined ? '' : `“${value.length > shownMax ? `${value.slice(0, shownMax)}…` : value}”`
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.join(', ')
    return say(path, `${shown}应为：${allowed}`, `must be one of: ${allowed}`)
  }
  const [rule, detail] = issue.message.split(':')
  if (rule === 'range') return say(path, `${shown}应为 ${detail} 的整数`, `must be a whole number in ${detail}`)
  if (rule === 'decimal') {
    return say(path, `${shown}应为不超过 ${detail} 位小数的数`, `must be a number with at most ${detail} decimals`)
  }
  if (rule === 'code')
    return say(path, `${shown}须为英文字母开头的代码`, 'must be a code beginning with a small letter')
  return say(path, `${shown}无效`, 'is not of the right form')
}

/** Of a union's complaints, those of the branch that got furthest: the one the author meant. */
function deepest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  const issue = issues[0] as z.core.$ZodIssue
  if (issue.code !== 'invalid_union') return issue
  const branches = issue.errors.filter((branch) => branch.length > 0)
  const meant =
    branches.find((branch) => branch.every((inner) => inner.path.length > 0 && inner.path[0] !== 'kind')) ??
    branches.find((branch) => branch.some((inner) => inner.code === 'unrecognized_keys')) ??
    branches[0]
  if (!meant) return issue
  const inner = deepest(meant)
  return { ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue
}

/** The line of the node at `path`, or of its nearest ancestor that is written down. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const key = path[length - 1]
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key)
      if (pair) return positionOf(pair.key as Node, lines)
    }
    const node = document.getIn(path.slice(0, length), true)
    if (isNode(node)) return positionOf(node, lines)
  }
  return isNode(document.contents) ? positionOf(document.contents, lines) : 1
}

function positionOf(node: Node, lines: LineCounter): number {
  return node.range ? lines.linePos(node.range[0]).line : 1
}

function dotted(path: Path): string {
  return path.length === 0 ? '' : `${path.join('.')} `
}
