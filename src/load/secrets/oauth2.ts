import { EXIT, Failure, usage } from '../../failure.ts'
import { isLoopback, reason } from '../../net/index.ts'
import { printable } from '../../output/index.ts'
import type { Reading } from './source.ts'

/** A client that has a token server give it tokens of its own [RFC 6749 §4.4]. */
export interface TokenGrant {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly scope: string | undefined
  /** What else the server wants to be told: audience, resource. */
  readonly parameters: Readonly<Record<string, string>>
}

/** Milliseconds that a token server may take. */
const PATIENCE = 10_000
/** Bytes of an answer, and characters of what it says that are told. */
const MOST_BYTES = 256 << 10
const MOST_TOLD = 300
/** Of a token's time, the part after which the next is asked for; and milliseconds that are waited at least. */
const FRESH = 0.8
const LEAST_FRESH = 1000

/** What to do about an error [RFC 6749 §5.2]. */
const FIXES: Readonly<Record<string, string>> = {
  invalid_client: 'Check --oauth2-client-id and --oauth2-client-secret.',
  invalid_scope: 'Check --oauth2-scope against what the server gives this client.',
  unauthorized_client: 'Have the server allow this client the client_credentials grant.',
  unsupported_grant_type: 'Have the server allow this client the client_credentials grant.',
  invalid_request: 'The server may want more to be said: --oauth2-scope, --oauth2-parameter audience=….',
}
const ELSEWHERE = 'See whether --oauth2-token-url is where the server gives tokens (RFC 6749 §3.2).'

/** Where tokens come from. Secrets go there: over TLS, unless it is this machine. */
export function parseTokenUrl(text: string, name = '--oauth2-token-url'): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw usage(`${name}: not a URL`, 'For example: https://login.example.com/oauth2/token')
  }
  if (url.username !== '' || url.password !== '') {
    throw usage(`${name}: credentials in a URL are not sent`, 'Say --oauth2-client-id and --oauth2-client-secret.')
  }
  if (url.hash !== '') throw usage(`${name}: a token server has no fragment in its URL (RFC 6749 §3.2)`)
  if (url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) {
    throw usage(`${name} ${url.host}: the client's secret would go there in the clear`, 'Say https://.')
  }
  return url
}

/** Asks for a token. Throws a `Failure` where there is none. */
export async function fetchToken(grant: TokenGrant, signal: AbortSignal): Promise<Reading> {
  const url = parseTokenUrl(grant.url)
  const where = `the token server at ${url.origin}${url.pathname}`
  const { status, text } = await post(url, grant, signal).catch((error: unknown): never => {
    if (error instanceof Failure) throw error
    const why =
      error instanceof Error && error.name === 'TimeoutError' ? `no answer in ${PATIENCE / 1000} s` : said(error)
    throw trouble(`${where}: ${why}`, 'See whether it runs, and at this --oauth2-token-url.', error)
  })
  const answer = object(text)
  if (status !== 200) {
    const { error, error_description: description } = answer ?? {}
    const words = [error, description].filter(each => typeof each === 'string').map(each => told(each as string))
    const next = typeof error === 'string' && Object.hasOwn(FIXES, error) ? FIXES[error] : ELSEWHERE
    throw trouble(`${where} answered ${[status, ...words].join(': ')}`, next as string)
  }
  const { access_token: token, token_type: type = 'bearer', expires_in: seconds } = answer ?? {}
  // A.12: visible characters; anything else would end early, or be something else, where it is a password.
  if (typeof token !== 'string' || !/^[\x20-\x7e]+$/.test(token)) {
    throw trouble(`${where} answered without an access_token (RFC 6749 §5.1)`, ELSEWHERE)
  }
  if (String(type).toLowerCase() !== 'bearer') {
    throw trouble(`${where} gives tokens of type ${told(String(type))}, not Bearer`, 'Have it give bearer tokens.')
  }
  const lasts = Number(seconds ?? Number.NaN) * 1000
  return { text: token, freshFor: lasts > 0 ? Math.max(LEAST_FRESH, lasts * FRESH) : Number.POSITIVE_INFINITY }
}

async function post(
  url: URL,
  { clientId, clientSecret, scope, parameters }: TokenGrant,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string }> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...parameters })
  if (scope !== undefined) body.set('scope', scope)
  // Every server takes a secret so [RFC 6749 §2.3.1]; without one, the client only names itself.
  if (clientSecret === undefined) body.set('client_id', clientId)
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      ...(clientSecret === undefined ? {} : { authorization: basic(clientId, clientSecret) }),
    },
    body,
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
  })
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > MOST_BYTES) throw trouble(`${url.host} answered with more than ${MOST_BYTES >> 10} KiB`, ELSEWHERE)
    chunks.push(chunk)
  }
  return { status: response.status, text: Buffer.concat(chunks).toString('utf8') }
}

const basic = (...parts: readonly string[]): string =>
  `Basic ${Buffer.from(parts.map(encoded).join(':')).toString('base64')}`

/** As in forms [RFC 6749 B]. */
const encoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

function object(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

const told = (text: string): string => printable(text.slice(0, MOST_TOLD))
const said = (error: unknown): string =>
  reason(error instanceof Error && error.cause !== undefined ? error.cause : error)

const trouble = (message: string, next: string, cause?: unknown): Failure =>
  new Failure(message, { exit: EXIT.connection, next, cause })
