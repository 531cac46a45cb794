/**
 * Canaries: values of a person that must never come out whole. A text is searched in every form in which a value could
 * hide: full-width, spaced or hyphenated, URL-, JSON- and base64-escaped, and these inside each other.
 */

export interface Canary {
  kind: string
  value: string
}

const depthMax = 3

/** Kinds of canaries that the text gives away, each once. */
export function leaksIn(text: string, canaries: readonly Canary[]): string[] {
  const forms = formsOf(text)
  const found = canaries.filter(({ value }) => {
    const wanted = plain(value)
    return forms.some((form) => form.includes(wanted))
  })
  return found.map(({ kind }) => kind)
}

/** The text read in every way that it can be read in, each reduced by `plain`. */
function formsOf(text: string): string[] {
  const seen = new Set<string>()
  let open = [text]
  for (let depth = 0; depth < depthMax && open.length > 0; depth++) {
    const next: string[] = []
    for (const form of open) {
      if (seen.has(form)) continue
      seen.add(form)
      next.push(...readings(form))
    }
    open = next.filter((form) => !seen.has(form))
  }
  return [...seen].map(plain)
}

function readings(text: string): string[] {
  return [unescaped(text), percentDecoded(text), ...base64Parts(text)].filter((form) => form !== text && form !== '')
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
