/** Questions that are asked while the scripts that will read the answers are still on their way. */
const asked = new Map<string, Promise<Response>>()

/** Asks an address with GET at once; the answer waits for `firstAnswer`. */
export function askFirst(address: string): void {
  const answer = fetch(address, { headers: { accept: 'application/json' } })
  // Whoever takes it is told; nobody may take it at all
  answer.catch(() => undefined)
  asked.set(address, answer)
}

/** What `askFirst` was answered, once; undefined when it was not asked, or has been taken. */
export function firstAnswer(address: string): Promise<Response> | undefined {
  const answer = asked.get(address)
  asked.delete(address)
  return answer
}
