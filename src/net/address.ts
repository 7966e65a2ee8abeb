import { withoutSecrets } from '../../codecs/carriers/index.ts'
import { type AnyCodec, MASK } from '../../codecs/core/index.ts'
import { usage } from '../failure.ts'
import { type Endpoint, formatEndpoint } from '../flow.ts'
import { near } from '../near.ts'
import { isDatagram, type SchemeMeaning, schemesOf, type TransportName } from './scheme.ts'

/** `[scheme://][user:pass@]host[:port][/path]`, `unix:/path`: where to listen, or whom to dial. */
export interface Address extends Endpoint {
  /** As it was written; undefined where nothing was. */
  readonly scheme: string | undefined
  readonly transport: TransportName
  /** The protocol, where the scheme leaves no doubt. */
  readonly codec: AnyCodec | undefined
  readonly user: string | undefined
  readonly password: string | undefined
  /** Of a URL, from its `/` on. */
  readonly path: string | undefined
}

/** What is accepted at `listen` is relayed to `upstream`. */
export interface Route {
  readonly listen: Address
  readonly upstream: Address
}

export const LOOPBACK = '127.0.0.1'

/** Whether a name or an address means this machine, wherever it is said. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)

/** How far from the broker's port the proxy's is, where nothing else is said. */
const PORT_OFFSET = 10_000

/** The address with its scheme, as a client could be told it. Never with credentials. */
export function formatAddress(address: Address): string {
  if (address.transport === 'unix') return `unix:${address.host}`
  return `${address.scheme === undefined ? '' : `${address.scheme}://`}${formatEndpoint(address)}${withoutSecrets(address.path ?? '', MASK)}`
}

/** What was written, for messages: without anything that could be a password. */
function withoutCredentials(text: string): string {
  const [scheme = ''] = SCHEME.exec(text) ?? []
  const rest = text.includes('@') ? scheme + text.slice(text.lastIndexOf('@') + 1) : text
  return withoutSecrets(rest, MASK)
}

/**
 * `[LISTEN=]UPSTREAM`. The `=` that divides is the first that has an address on either side: paths and passwords may
 * hold others.
 */
export function parseRoute(text: string, codecs: readonly AnyCodec[]): Route {
  const schemes = schemesOf(codecs)
  let failure: unknown
  for (let at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) {
    try {
      const upstream = upstreamAddress(text.slice(at + 1), schemes)
      return alike({ listen: listenAddress(text.slice(0, at), upstream, schemes), upstream })
    } catch (error) {
      failure ??= error
    }
  }
  try {
    const upstream = upstreamAddress(text, schemes)
    return { listen: listenBeside(upstream), upstream }
  } catch (error) {
    throw failure ?? error
  }
}

/** An address to dial. */
export function parseUpstream(text: string, codecs: readonly AnyCodec[]): Address {
  return upstreamAddress(text, schemesOf(codecs))
}

/** An address to listen on by itself: without a host it is loopback, and port 0 is any that is free. */
export function parseListen(text: string, codecs: readonly AnyCodec[]): Address {
  const { host = LOOPBACK, port, ...rest } = parts(text, schemesOf(codecs))
  if (port !== undefined || rest.transport === 'unix') return { ...rest, host, port: port ?? 0 }
  const name = withoutCredentials(text)
  throw usage(`${name}: no port to listen on`, `Write ${name}:1883, or a scheme that has a port: mqtt://${name}.`)
}

/** Datagrams go where datagrams come from: an end without a scheme is what the other is. */
function alike({ listen, upstream }: Route): Route {
  const { transport } = [listen, upstream].find(isDatagram) ?? listen
  if (!isDatagram({ transport })) return { listen, upstream }
  const like = (address: Address): Address => (address.scheme === undefined ? { ...address, transport } : address)
  const route = { listen: like(listen), upstream: like(upstream) }
  if (route.listen.transport === route.upstream.transport) return route
  throw usage(
    `${formatAddress(listen)} cannot be relayed to ${formatAddress(upstream)}`,
    'UDP is relayed to UDP, and DTLS to DTLS, as it is: give both ends the same scheme.',
  )
}

type Schemes = ReadonlyMap<string, SchemeMeaning>

function upstreamAddress(text: string, schemes: Schemes): Address {
  const { host = LOOPBACK, port, ...rest } = parts(text, schemes)
  if (rest.transport !== 'unix' && (port ?? 0) === 0) {
    const name = withoutCredentials(text)
    throw usage(`${name}: no port to connect to`, `Write ${name}:1883, or a scheme that has a port: mqtt://${name}.`)
  }
  return { ...rest, host, port: port ?? 0 }
}

function listenAddress(text: string, upstream: Address, schemes: Schemes): Address {
  const { host = LOOPBACK, port, ...rest } = parts(text, schemes)
  return { ...rest, host, port: port ?? (rest.transport === 'unix' ? 0 : portBeside(upstream)) }
}

function listenBeside(upstream: Address): Address {
  const { codec, scheme, transport } = upstream
  const port = portBeside(upstream)
  return {
    ...(isDatagram(upstream) ? { scheme, transport } : { scheme: undefined, transport: 'tcp' }),
    codec,
    host: LOOPBACK,
    port,
    user: undefined,
    password: undefined,
    path: undefined,
  }
}

function portBeside(upstream: Address): number {
  const name = formatAddress(upstream)
  if (upstream.transport === 'unix') throw usage(`${name}: say where to listen`, `For example: :11883=${name}.`)
  const port = upstream.port + PORT_OFFSET
  if (port <= 65535) return port
  throw usage(`${name}: say where to listen, as there is no port ${port}`, `For example: :10000=${name}.`)
}

interface Parts extends Omit<Address, 'host' | 'port'> {
  readonly host: string | undefined
  readonly port: number | undefined
}

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i
const UNIX = /^unix:(?:\/\/)?/i
/** `host`, `host:port`, `:port`, `[::1]`, `[::1]:port`; then a path. */
const AUTHORITY = /^(?:\[([^\]]*)\]|([^:/[\]]*))(?::([^/:]*))?(\/.*)?$/

function parts(text: string, schemes: Schemes): Parts {
  if (UNIX.test(text)) return unixParts(text)
  const [prefix = '', written] = SCHEME.exec(text) ?? []
  const scheme = written?.toLowerCase()
  const meaning = scheme === undefined ? TCP : schemes.get(scheme)
  if (meaning === undefined) throw unknownScheme(scheme as string, schemes)
  const rest = text.slice(prefix.length)
  const slash = rest.indexOf('/')
  const at = rest.lastIndexOf('@', slash < 0 ? rest.length : slash)
  const bare = rest.slice(at + 1)
  const match = AUTHORITY.exec(bare)
  if (match === null) {
    const hint = bare.split(':').length > 2 ? 'An IPv6 address stands in brackets: [::1]:1883.' : FORM
    throw usage(`${withoutCredentials(text)}: not an address`, hint)
  }
  const [, ipv6, name, digits, path] = match
  // A number alone is a port: nothing is called 1883.
  const alone = name !== undefined && digits === undefined && /^\d+$/.test(name)
  const host = alone ? undefined : (ipv6 ?? name)
  const port = alone ? name : digits
  if (host === '' && port === undefined && meaning.port === undefined) {
    throw usage(`${withoutCredentials(text)}: not an address`, FORM)
  }
  return {
    scheme,
    transport: meaning.transport,
    codec: meaning.codec,
    ...credentials(at < 0 ? undefined : rest.slice(0, at)),
    host: host === '' ? undefined : host,
    port: port === undefined ? meaning.port : portNumber(port, text),
    path,
  }
}

const TCP: SchemeMeaning = { transport: 'tcp', port: undefined, codec: undefined }
const FORM = 'An address is [scheme://]host[:port] or unix:/path; a route is [LISTEN=]UPSTREAM.'

function unixParts(text: string): Parts {
  const host = text.replace(UNIX, '')
  if (!host.startsWith('/'))
    throw usage(`${text}: the path of a Unix socket begins with /`, 'For example: unix:/run/broker.sock.')
  const none = { user: undefined, password: undefined, path: undefined, codec: undefined }
  return { scheme: 'unix', transport: 'unix', host, port: 0, ...none }
}

function portNumber(digits: string, text: string): number {
  if (/^\d{1,5}$/.test(digits) && Number(digits) <= 65535) return Number(digits)
  // Where a password holds a slash, part of it stands where a port would.
  const what = digits === '' || text.includes('@') ? 'this' : digits
  throw usage(`${withoutCredentials(text)}: ${what} is not a port`, 'Ports are 1 to 65535.')
}

function credentials(text: string | undefined): Pick<Address, 'user' | 'password'> {
  if (text === undefined) return { user: undefined, password: undefined }
  const colon = text.indexOf(':')
  if (colon < 0) return { user: unescaped(text), password: undefined }
  return { user: unescaped(text.slice(0, colon)), password: unescaped(text.slice(colon + 1)) }
}

/** Percent-encoding undone; what is not percent-encoding stays as it is. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function unknownScheme(scheme: string, schemes: Schemes): Error {
  const [meant] = near(scheme, schemes.keys())
  const hint = meant === undefined ? '' : `Did you mean ${meant}://? `
  return usage(`${scheme}:// is not known`, `${hint}Known: ${[...schemes.keys()].join(' ')}.`)
}
