import { hex, latin1, Reader } from '../../core/index.ts'
import { extensions } from './tables.ts'

export interface ClientHello {
  /** Hexadecimal, as a key log writes it. */
  readonly random: string
  readonly serverName: string | undefined
  readonly alpn: readonly string[]
}

export interface ServerHello {
  readonly random: Uint8Array
  readonly version: number
  readonly suite: number
  readonly alpn: string | undefined
  readonly encryptThenMac: boolean
  /** Not the server's hello yet, but a request for another of the client's (RFC 8446 §4.1.4). */
  readonly retry: boolean
}

/** SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3). */
const RETRY = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c'

/** RFC 8446 §4.1.2; over datagrams there is a cookie in it (RFC 6347 §4.2.1). */
export function readClientHello(body: Uint8Array, carriage: 'stream' | 'datagram' = 'stream'): ClientHello {
  const reader = new Reader().openBytes(body, 0, body.length)
  reader.u16('legacy_version')
  const random = hex(reader.take(32, 'random'))
  reader.take(reader.u8('length'), 'legacy_session_id')
  if (carriage === 'datagram') reader.take(reader.u8('length'), 'cookie')
  reader.take(reader.u16('length'), 'cipher_suites')
  reader.take(reader.u8('length'), 'legacy_compression_methods')
  let serverName: string | undefined
  let alpn: readonly string[] = []
  readExtensions(reader, (type, data) => {
    if (type === extensions.serverName) serverName = readServerName(data)
    else if (type === extensions.alpn) alpn = readAlpn(data)
  })
  return { random, serverName, alpn }
}

/** RFC 8446 §4.1.3. */
export function readServerHello(body: Uint8Array): ServerHello {
  const reader = new Reader().openBytes(body, 0, body.length)
  let version = reader.u16('legacy_version')
  const random = reader.take(32, 'random')
  reader.take(reader.u8('length'), 'legacy_session_id_echo')
  const suite = reader.u16('cipher_suite')
  reader.u8('legacy_compression_method')
  let alpn: string | undefined
  let encryptThenMac = false
  readExtensions(reader, (type, data) => {
    if (type === extensions.supportedVersions) version = data.u16('selected_version')
    else if (type === extensions.alpn) alpn = readAlpn(data)[0]
    else if (type === extensions.encryptThenMac) encryptThenMac = true
  })
  return { random, version, suite, alpn, encryptThenMac, retry: hex(random) === RETRY }
}

/** What TLS 1.3 says only once it is encrypted (RFC 8446 §4.3.1). */
export interface EncryptedExtensions {
  readonly alpn: string | undefined
  /** The server takes the client's early data (§4.2.10). */
  readonly earlyData: boolean
}

export function readEncryptedExtensions(body: Uint8Array): EncryptedExtensions {
  let alpn: string | undefined
  let earlyData = false
  readExtensions(new Reader().openBytes(body, 0, body.length), (type, data) => {
    if (type === extensions.alpn) alpn = readAlpn(data)[0]
    else if (type === extensions.earlyData) earlyData = true
  })
  return { alpn, earlyData }
}

function readExtensions(reader: Reader, take: (type: number, data: Reader) => void): void {
  if (reader.remaining < 2) return
  reader.u16('length')
  while (reader.remaining >= 4) {
    const type = reader.u16('extension_type')
    const outer = reader.enter(reader.u16('length'), 'extension_data')
    take(type, reader)
    reader.leave(outer)
  }
}

/** RFC 6066 §3. */
function readServerName(data: Reader): string | undefined {
  data.u16('length')
  if (data.u8('name_type') !== 0) return undefined
  const name = data.take(data.u16('length'), 'host_name')
  return name.length === 0 ? undefined : latin1(name, 0, name.length)
}

/** RFC 7301 §3.1. */
function readAlpn(data: Reader): string[] {
  const names: string[] = []
  data.u16('length')
  while (data.remaining > 0) {
    const name = data.take(data.u8('length'), 'protocol_name')
    if (name.length > 0) names.push(latin1(name, 0, name.length))
  }
  return names
}
