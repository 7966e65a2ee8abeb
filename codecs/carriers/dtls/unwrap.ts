import type { CarrierStatus, Packet, Side, Unwrapper } from '../../core/index.ts'
import { FrameReader, u16At } from '../../core/index.ts'
import { readClientHello, readServerHello } from '../tls/hello.ts'
import { handshakeTypes } from '../tls/tables.ts'
import { codec, type PlainRecord } from './codec.ts'
import { contentTypes, versions } from './tables.ts'

const HANDSHAKE = contentTypes.code('handshake')
const APPLICATION_DATA = contentTypes.code('application_data')
const CONNECTION_ID = contentTypes.code('tls12_cid')

/** More than any hello has, post-quantum key shares included. */
const MOST_HELLO = 1 << 15

/** A handshake message that comes in fragments (RFC 6347 §4.2.3). */
interface Message {
  readonly sequence: number
  readonly bytes: Uint8Array
  /** How much of it is there, from its beginning. */
  held: number
}

/** Sees who talks to whom, in which version. There is nothing to take out: what is carried stays encrypted. */
export function unwrapper(): Unwrapper<null> {
  const reader = new FrameReader()
  const hellos: Record<Side, Message | undefined> = { client: undefined, server: undefined }
  let greeted = false
  let status: CarrierStatus = { name: 'DTLS', encrypted: true }

  function take(packet: Packet<null>): void {
    const { frame } = reader.read(codec, packet)
    for (const record of frame.records) {
      if ('flags' in record) seal(versions.name(0xfefc))
      else if (record.epoch === 0 && record.contentType === HANDSHAKE) takeHandshake(packet.side, record.fragment)
      else if (carriesData(record)) seal(versions.name(record.version))
    }
  }

  function takeHandshake(side: Side, fragment: Uint8Array): void {
    for (let rest = fragment; rest.length >= MESSAGE_HEADER; ) {
      const length = u24At(rest, 9)
      const type = handshakeTypes.name(rest[0] as number)
      if (type === (side === 'client' ? 'client_hello' : 'server_hello')) takeHello(side, rest, length)
      rest = rest.subarray(MESSAGE_HEADER + length)
    }
  }

  /** A fragment of a hello, `length` bytes of it after the header. */
  function takeHello(side: Side, message: Uint8Array, length: number): void {
    const [whole, sequence, at] = [u24At(message, 1), u16At(message, 4), u24At(message, 6)]
    const part = message.subarray(MESSAGE_HEADER, MESSAGE_HEADER + length)
    if (whole > MOST_HELLO || at + part.length > whole) return
    let hello = hellos[side]
    if (hello === undefined || hello.sequence !== sequence || hello.bytes.length !== whole) {
      hello = { sequence, bytes: new Uint8Array(whole), held: 0 }
      hellos[side] = hello
    }
    // What comes out of order comes again, if it was needed.
    if (at > hello.held) return
    hello.bytes.set(part, at)
    hello.held = Math.max(hello.held, at + part.length)
    if (hello.held < whole) return
    if (side === 'client') greet(hello.bytes)
    else agree(hello.bytes)
  }

  function greet(body: Uint8Array): void {
    greeted = true
    const { serverName, alpn } = readClientHello(body, 'datagram')
    if (serverName !== undefined) status = { ...status, serverName }
    if (alpn.length === 1) status = { ...status, subprotocol: alpn[0] as string }
  }

  function agree(body: Uint8Array): void {
    const { version, alpn, retry } = readServerHello(body)
    if (retry) return
    status = { ...status, name: versions.name(version) ?? status.name }
    if (alpn !== undefined) status = { ...status, subprotocol: alpn }
  }

  function seal(version: string | undefined): void {
    if (status.opaque !== undefined) return
    const name = status.name === 'DTLS' ? (version ?? status.name) : status.name
    status = { ...status, name, opaque: greeted ? 'no keys' : 'the handshake was not captured' }
  }

  return {
    take,
    get status() {
      return status
    },
  }
}

const carriesData = ({ contentType }: PlainRecord): boolean =>
  contentType === APPLICATION_DATA || contentType === CONNECTION_ID

/** Type, length, message number, the fragment's place and length (RFC 6347 §4.2.2). */
const MESSAGE_HEADER = 12

const u24At = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 16) | u16At(bytes, at + 1)
