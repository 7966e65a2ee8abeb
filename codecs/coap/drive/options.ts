import type { DriveOption, DriveOptions, DriveSettings, Outgoing } from '../../core/index.ts'
import { contentFormatOf } from '../content-formats.ts'
import type { Content } from '../frames.ts'
import { Options, type PlainOption } from '../options.ts'

/** What messages can be sent by, with its code [RFC 7252 §12.1.1, RFC 8132 §6]. */
const METHODS: Readonly<Record<string, string>> = {
  PUT: '0.03',
  POST: '0.02',
  GET: '0.01',
  FETCH: '0.05',
  PATCH: '0.06',
  iPATCH: '0.07',
}
const GET = '0.01'
const PUT = '0.03'
const DELETE = '0.04'

/** What every transport has. */
export const options: Readonly<Record<string, DriveOption>> = {
  method: {
    kind: 'text',
    about: 'what messages are requests of; a GET leaves out the body',
    default: 'PUT',
    choices: Object.keys(METHODS),
  },
  confirms: { kind: 'boolean', about: 'wait for a response to each message; otherwise none is wanted', default: true },
  create: {
    kind: 'boolean',
    about: 'what is to be observed and not there is made, by a PUT of nothing',
    default: true,
  },
}

/** What UDP has besides. */
export const datagramOptions: Readonly<Record<string, DriveOption>> = {
  ...options,
  confirmable: { kind: 'boolean', about: 'messages are sent again until they are acknowledged', default: true },
  ackTimeout: {
    kind: 'uint',
    about: 'milliseconds until a message is sent again, for the first time; a quarter is added',
    default: 2000,
    most: 600_000,
  },
  maxRetransmit: { kind: 'uint', about: 'how often a message is sent again', default: 4, most: 16 },
}

export const wantsResponses = ({ confirms }: DriveSettings): boolean => confirms !== false

/** Of responses that are not wanted: those of all classes [RFC 7967 §2.1]. */
const NO_RESPONSE = 26

/** A message as a request. */
export function requestOf(
  { destination, body, contentType }: Outgoing,
  { settings, virtualHost }: DriveOptions,
  token: Uint8Array,
): Content {
  const code = METHODS[String(settings.method ?? 'PUT')] ?? PUT
  const format = contentType === undefined ? undefined : contentFormatOf(contentType)
  const payload = code === GET || body.length === 0 ? undefined : body
  const list: PlainOption[] = uriOf(destination, virtualHost)
  if (format !== undefined && payload !== undefined) list.push(['Content-Format', format])
  if (!wantsResponses(settings)) list.push(['No-Response', NO_RESPONSE])
  return { code, token, options: Options.of(list), payload }
}

/** Registers an observer (0), or takes it back (1) [RFC 7641 §2]. */
export const observeOf = (
  source: string,
  { virtualHost }: DriveOptions,
  token: Uint8Array,
  observe: 0 | 1,
): Content => ({
  code: GET,
  token,
  options: Options.of([['Observe', observe], ...uriOf(source, virtualHost)]),
})

/** Makes a resource that is not there. */
export const makeOf = (source: string, { virtualHost }: DriveOptions, token: Uint8Array): Content => ({
  code: PUT,
  token,
  options: Options.of(uriOf(source, virtualHost)),
})

/** Takes a resource away. */
export const removeOf = (path: string, { virtualHost }: DriveOptions, token: Uint8Array): Content => ({
  code: DELETE,
  token,
  options: Options.of(uriOf(path, virtualHost)),
})

/** What messages may make without saying where, or that they did. */
export function staysOf(settings: DriveSettings): string | undefined {
  if (settings.method === 'POST') return 'what a POST makes: where, only the server knows'
  return wantsResponses(settings) ? undefined : 'what requests make that want no response'
}

/** `/path/of/it?and=query`. */
function uriOf(uri: string, host: string | undefined): PlainOption[] {
  const [path = '', ...query] = uri.split('?')
  const parts = path.split('/').filter((part, at) => at > 0 || part !== '')
  const wanted = query.length === 0 ? [] : query.join('?').split('&')
  return [
    ...(host === undefined ? [] : [['Uri-Host', host] as const]),
    // The root is a path of no segments [RFC 7252 §6.4].
    ...(parts.length === 1 && parts[0] === '' ? [] : parts.map(part => ['Uri-Path', unescaped(part)] as const)),
    ...wanted.map(part => ['Uri-Query', unescaped(part)] as const),
  ]
}

/** Where it is escaped, and rightly. */
function unescaped(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
