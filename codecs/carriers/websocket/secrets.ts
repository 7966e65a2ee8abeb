import { subprotocols } from './tables.ts'

/**
 * Credentials in the head of an HTTP message: brokers behind a WebSocket take them in headers, cookies, the URL, and
 * among the subprotocols.
 */

/** Headers whose whole value is one. */
const HEADER = /^(?:(?:proxy-)?authorization|(?:set-)?cookie)$/

/** How parameters and headers are called that hold one: `access_token`, `X-Api-Key`, `X-Amz-Signature`, `sig`. */
const NAME = /(?:token|passw(?:or)?d|passcode|secret|signature|credential|authorization|api[-_]?key)$/
const WHOLE_NAME = /^(?:pass|pwd|auth|key|sig|sas|jwt|ticket|code|session|sid)$/

const isSecretName = (name: string): boolean => NAME.test(name) || WHOLE_NAME.test(name)

/** Whether a header's value is a credential, whatever it says. */
export function isSecretHeader(name: string): boolean {
  const lower = name.trim().toLowerCase()
  return HEADER.test(lower) || isSecretName(lower)
}

export interface Span {
  readonly start: number
  readonly end: number
}

/** A URL's password, or a parameter of a query or a fragment with its value. */
const PLACE = /:\/\/[^\s/?#@:]*:(?<password>[^\s/?#@]+)@|[?&;#](?<name>[^\s?&;#=]+)=(?<value>[^\s&;#]+)/g

const SUBPROTOCOLS = /^sec-websocket-protocol[ \t]*:/i

/** Where a line holds credentials: in URLs (a start line, `Referer`, `Location`), and where subprotocols are named. */
export function secretSpans(line: string): readonly Span[] {
  const listed = SUBPROTOCOLS.exec(line)?.[0].length
  return listed === undefined ? spansOfUrls(line) : spansOfTokens(line, listed)
}

/** What stands in the list and names no subprotocol: `base64url.bearer.authorization.k8s.io.…`, `bearer, …`. */
function spansOfTokens(line: string, from: number): Span[] {
  const items = [...line.slice(from).matchAll(/[^\s,]+/g)]
  const others = items.filter(([item]) => !subprotocols.has(item.toLowerCase()))
  return others.map(({ 0: item, index }) => ({ start: from + index, end: from + index + item.length }))
}

function spansOfUrls(line: string): Span[] {
  const found: Span[] = []
  for (const { 0: whole, index, groups = {} } of line.matchAll(PLACE)) {
    const { password, name = '', value = '' } = groups
    const end = index + whole.length
    if (password !== undefined) found.push({ start: end - 1 - password.length, end: end - 1 })
    else if (isSecretName(unescaped(name).toLowerCase())) found.push({ start: end - value.length, end })
  }
  return found
}

/** The line with `by` in place of each. */
export function withoutSecrets(line: string, by: string): string {
  let shown = ''
  let at = 0
  for (const { start, end } of secretSpans(line)) {
    shown += line.slice(at, start) + by
    at = end
  }
  return shown + line.slice(at)
}

function unescaped(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
