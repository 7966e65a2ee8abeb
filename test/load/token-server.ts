import { generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
/** Who tokens are for. */
const AUDIENCE = 'rabbitmq'
const KEY = 'ours'

/** Lines of RabbitMQ's configuration: it takes our tokens, besides passwords. The key is put into `folder`. */
export function takesTokens(folder: string): string[] {
  const file = join(folder, 'key.pem')
  writeFileSync(file, publicKey.export({ type: 'spki', format: 'pem' }))
  return [
    'auth_backends.1 = internal',
    'auth_backends.2 = rabbit_auth_backend_oauth2',
    `auth_oauth2.resource_server_id = ${AUDIENCE}`,
    `auth_oauth2.default_key = ${KEY}`,
    `auth_oauth2.signing_keys.${KEY} = ${file}`,
    'auth_oauth2.algorithms.1 = RS256',
  ]
}

/** A token for everything, that is good for so many seconds [RFC 7519]. */
export function tokenFor(seconds: number): string {
  const now = Math.floor(Date.now() / 1000)
  const scope = ['read', 'write', 'configure'].map(right => `${AUDIENCE}.${right}:*/*/*`)
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const head = part({ alg: 'RS256', typ: 'JWT', kid: KEY })
  const signed = `${head}.${part({ aud: AUDIENCE, sub: 'load', iat: now, exp: now + seconds, scope })}`
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
}

export interface Asked {
  readonly authorization: string | undefined
  readonly form: Readonly<Record<string, string>>
}

export interface TokenServer {
  readonly url: string
  /** What was asked, in order. */
  readonly asked: readonly Asked[]
  readonly close: () => Promise<void>
}

/** A token server [RFC 6749 §3.2] on loopback; `answer` is given the number of the request, from 0. */
export async function tokenServer(
  answer: (time: number, asked: Asked) => { readonly status?: number; readonly body: string | object },
): Promise<TokenServer> {
  const asked: Asked[] = []
  const server = http.createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const one = { authorization: request.headers.authorization, form: Object.fromEntries(new URLSearchParams(text)) }
    const { status = 200, body } = answer(asked.push(one) - 1, one)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/token`,
    asked,
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
}
