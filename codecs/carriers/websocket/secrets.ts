/** Credentials in the head of an HTTP message: brokers behind a WebSocket take them in headers, cookies and the URL. */

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

/** Where a line's URLs hold credentials: a start line, `Referer`, `Location`. */
export function secretSpans(line: string): readonly Span[] {
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
