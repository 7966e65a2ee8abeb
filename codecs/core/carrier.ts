import type { Codec, Frame } from './codec.ts'
import type { Packet } from './packet.ts'
import type { Side } from './side.ts'

/**
 * A protocol that carries another: WebSocket, TLS. Its own framing is a codec like any other; what is more is that its
 * frames hold a stream, which `open` takes out of them.
 */
export interface Carrier<F extends Frame = Frame, C = unknown> {
  readonly codec: Codec<F, C>
  /** The unwrapping of one connection. */
  open(services: CarrierServices): Unwrapper<C>
  /**
   * The packets of one unit written anew, as one that carries `content` in the clear. Absent where what is carried
   * cannot be changed.
   */
  refill?(packets: readonly Packet<C>[], content: Uint8Array): Uint8Array
}

// biome-ignore lint/suspicious/noExplicitAny: a packet only ever meets the carrier whose codec cut it
export type AnyCarrier = Carrier<any, any>

export interface Unwrapper<C = unknown> {
  /** Hands on what this packet carries. Packets of both sides come in the order of arrival. */
  take(packet: Packet<C>, out: Carried): void
  /** What is known of the carrier by now. */
  readonly status: CarrierStatus
}

/** Where a carrier delivers the stream that it carries. */
export interface Carried {
  /**
   * `last`: the carrier's own unit ends with these bytes, for protocols to which that matters. `place` is where they
   * stand in the packet, if they stand there one by one.
   */
  data(side: Side, bytes: Uint8Array, time: number, record: number, last: boolean, place?: Place): void
  /** The packet is part of a unit that is taken out only when it is whole. */
  held?(side: Side): void
  /** Carried bytes that cannot be had: not captured, or not to be decrypted. */
  gap(side: Side, length: number, time: number, record: number): void
}

/** Where carried bytes stand in a packet. */
export interface Place {
  /** Of the first, from the packet's first byte. */
  readonly start: number
  /** What they are XORed with there, over and over. */
  readonly mask: Uint8Array | undefined
}

export interface CarrierStatus {
  /** What people call it, as far as is known: `TLS 1.3`, `WebSocket`, `HTTP`. */
  readonly name: string
  /** How the carried protocol was named: a WebSocket subprotocol, an ALPN name. */
  readonly subprotocol?: string
  /** The server's name as the client wrote it: SNI, or the HTTP Host. */
  readonly serverName?: string
  /** The cipher suite, by OpenSSL's name, where it was agreed on here. */
  readonly cipher?: string
  /** What it carries can be read with keys only. */
  readonly encrypted?: boolean
  /** Why nothing can be taken out, where nothing can: `no keys for this session`. */
  readonly opaque?: string
  /** What first broke the carrier's own rules, though it was read: `a client masks (RFC 6455 §5.1)`. */
  readonly fault?: string
}

/** What a pure codec cannot do itself. `src` provides it. */
export interface CarrierServices {
  /** Inflates one message of permessage-deflate; `window` is what the sliding window holds before it. */
  inflate(bytes: Uint8Array, window: Uint8Array): Uint8Array
  /** The secret of this label for this client random (both as in an NSS key log), if anybody knows it. */
  secret(label: string, clientRandom: string): Uint8Array | undefined
  readonly crypto: CarrierCrypto
}

/** Primitives by their usual names: `sha256`, `aes-128-gcm`, `chacha20-poly1305`. */
export interface CarrierCrypto {
  hash(name: string, bytes: Uint8Array): Uint8Array
  hmac(name: string, key: Uint8Array, bytes: Uint8Array): Uint8Array
  /** Undefined where the tag does not match. */
  openAead(
    name: string,
    key: Uint8Array,
    nonce: Uint8Array,
    bytes: Uint8Array,
    additional: Uint8Array,
    tagLength: number,
  ): Uint8Array | undefined
  /** Without unpadding. */
  decryptCbc(name: string, key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Uint8Array
}
