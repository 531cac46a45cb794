/** Text to GB18030 bytes. Node only decodes it, so the table is the decoder's, turned round once when first needed. */

let table: Map<string, Uint8Array> | undefined

/** The bytes of `text` in GB18030; every Unicode character has some. */
export function encodeGb18030(text: string): Buffer {
  table ??= invert()
  const out = Buffer.allocUnsafe(text.length * 4)
  let at = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    if (code < 0x80) {
      out[at++] = code
      continue
    }
    const bytes = table.get(character) ?? fourBytes(0x2e248 + code - 0x10000)
    out.set(bytes, at)
    at += bytes.length
  }
  return out.subarray(0, at)
}

/** Four-byte codes are numbers to base 126 × 10 × 126 × 10; beyond the BMP they follow the code point (from 0x2e248). */
function fourBytes(pointer: number): Uint8Array {
  const last = 0x30 + (pointer % 10)
  const third = 0x81 + (Math.floor(pointer / 10) % 126)
  const second = 0x30 + (Math.floor(pointer / 1260) % 10)
  return Uint8Array.of(0x81 + Math.floor(pointer / 12600), second, third, last)
}

function invert(): Map<string, Uint8Array> {
  const decoder = new TextDecoder('gb18030')
  const found = new Map<string, Uint8Array>()
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      if (trail === 0x7f) continue
      const bytes = Uint8Array.of(lead, trail)
      const character = decoder.decode(bytes)
      if ([...character].length === 1 && character !== '\uFFFD') found.set(character, bytes)
    }
  }
  for (let pointer = 0; pointer < 39420; pointer++) {
    const bytes = fourBytes(pointer)
    const character = decoder.decode(bytes)
    if ([...character].length === 1 && character !== '\uFFFD' && !found.has(character)) found.set(character, bytes)
  }
  return found
}
