/**
 * Canaries: values of a person that must never come out whole. A text is searched in every form in which a value could
 * hide: full-width, spaced or hyphenated, URL-, JSON- and base64-escaped, and these inside each other.
 */

export interface Canary {
  kind: string
  value: string
}

/** What is looked for in a text, and how it was hidden there. */
export interface Leak {
  kind: string
  form: string
}

const depthMax = 3

/** Kinds of canaries that the text gives away, each once. */
export function leaksIn(text: string, canaries: readonly Canary[]): string[] {
  const forms = formsOf(text)
  const found = canaries.filter(({ value }) => {
    const wanted = plain(value)
    return forms.some((form) => form.plain.includes(wanted))
  })
  return found.map(({ kind }) => kind)
}

/** The same by patterns over plain text, for values that are many and alike; each kind in the first form it is found in. */
export function patternsIn(text: string, patterns: Readonly<Record<string, RegExp>>): Leak[] {
  const forms = formsOf(text)
  return Object.entries(patterns).flatMap(([kind, pattern]) => {
    const found = forms.find((form) => pattern.test(form.plain))
    if (!found) return []
    return [{ kind, form: pattern.test(found.text) ? found.form : `${found.form}, spaced or full-width` }]
  })
}

interface Form {
  form: string
  text: string
  /** Reduced by `plain`. */
  plain: string
}

/** The text read in every way that it can be read in. */
function formsOf(text: string): Form[] {
  const seen = new Map<string, Form>()
  let open = [{ form: 'as it is', text }]
  for (let depth = 0; depth < depthMax && open.length > 0; depth++) {
    const next: typeof open = []
    for (const one of open) {
      if (seen.has(one.text)) continue
      seen.set(one.text, { ...one, plain: plain(one.text) })
      next.push(...readings(one))
    }
    open = next.filter((form) => !seen.has(form.text))
  }
  return [...seen.values()]
}

function readings({ form, text }: Pick<Form, 'form' | 'text'>): Pick<Form, 'form' | 'text'>[] {
  const read = [
    { form: 'JSON-escaped', text: unescaped(text) },
    { form: 'URL-escaped', text: percentDecoded(text) },
    ...base64Parts(text).map((part) => ({ form: 'base64', text: part })),
  ].filter((one) => one.text !== text && one.text !== '')
  return form === 'as it is' ? read : read.map((one) => ({ ...one, form: `${form}, ${one.form}` }))
}

/** Full-width to half-width, lower case, without what people put between digits. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\u200b\-_.·]/g, '')
}

function unescaped(text: string): string {
  return text.replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (part) => Buffer.from(part.replaceAll('%', ''), 'hex').toString('utf8'))
}

/** Runs of base64 or base64url, long enough to hold a value, read as UTF-8. */
function base64Parts(text: string): string[] {
  const runs = text.match(/[A-Za-z0-9+/_-]{12,}={0,2}/g) ?? []
  const read = runs.map((run) => Buffer.from(run, 'base64').toString('utf8')).filter((one) => !one.includes('\ufffd'))
  return read.length > 0 ? [read.join('\n')] : []
}
