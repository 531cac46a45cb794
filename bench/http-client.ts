/** A signed-in client that keeps its connections, on loopback. */
import { Agent, request } from 'node:http'

export interface HttpClient {
  /** Reads to the end; gives the bytes of the body. Anything but 200 is an error. */
  get(path: string): Promise<number>
  json(path: string): Promise<unknown>
}

export interface Credentials {
  name: string
  password: string | null
}

/** Signs in and asks with that session from then on. */
export async function httpClient(address: string, { name, password }: Credentials): Promise<HttpClient> {
  const answer = await fetch(`${address}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: address },
    body: JSON.stringify({ name, password }),
  })
  if (!answer.ok) throw new Error(`signing in was answered ${answer.status}: ${await answer.text()}`)
  const cookie = answer.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const read = (path: string): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const asked = request(`${address}${path}`, { agent, headers: { cookie } }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const body = Buffer.concat(chunks)
          if (response.statusCode === 200) resolve(body)
          else reject(new Error(`${path} was answered ${response.statusCode}: ${body.toString().slice(0, 300)}`))
        })
      })
      asked.on('error', reject)
      asked.end()
    })
  return {
    get: async (path) => (await read(path)).length,
    json: async (path) => JSON.parse((await read(path)).toString()),
  }
}
