import { type CarrierCrypto, concat } from '../../core/index.ts'
import type { Keys } from './keys.ts'
import type { AeadSuite, CbcSuite, Suite } from './tables.ts'

/** A record's header and what it protects. */
export interface Protected {
  readonly contentType: number
  readonly version: number
  readonly fragment: Uint8Array
}

export interface Clear {
  readonly contentType: number
  readonly bytes: Uint8Array
}

/** How records of one direction are opened: with these keys, the record of this number. Undefined if they do not fit. */
export type Opener = (record: Protected, sequence: number) => Clear | undefined

/** TLS 1.3 (RFC 8446 §5.2): the content type is inside, before padding of zeros. */
export function opener13(crypto: CarrierCrypto, suite: AeadSuite, keys: Keys): Opener {
  return ({ contentType, version, fragment }, sequence) => {
    const header = Uint8Array.of(
      contentType,
      version >> 8,
      version & 0xff,
      fragment.length >> 8,
      fragment.length & 0xff,
    )
    const nonce = xorSequence(keys.iv, sequence)
    const inner = crypto.openAead(suite.cipher, keys.key, nonce, fragment, header, suite.tagLength)
    if (inner === undefined) return undefined
    let end = inner.length
    while (end > 0 && inner[end - 1] === 0) end--
    return end === 0 ? undefined : { contentType: inner[end - 1] as number, bytes: inner.subarray(0, end - 1) }
  }
}

/** The first of several that opens a record, where it is not known which of them it is. */
export function openerOf(openers: readonly Opener[]): Opener {
  return (record, sequence) => {
    for (const opener of openers) {
      const clear = opener(record, sequence)
      if (clear !== undefined) return clear
    }
    return undefined
  }
}

/** TLS 1.2 (RFC 5246 §6.2.3). */
export function opener12(crypto: CarrierCrypto, suite: Suite, keys: Keys, encryptThenMac: boolean): Opener {
  return suite.kind === 'aead' ? openerAead(crypto, suite, keys) : openerCbc(crypto, suite, keys, encryptThenMac)
}

/** RFC 5288 §3; for ChaCha20 all of the nonce comes from the handshake (RFC 7905 §2). */
function openerAead(crypto: CarrierCrypto, suite: AeadSuite, keys: Keys): Opener {
  const explicit = 12 - suite.fixedIv
  return (record, sequence) => {
    const { contentType, fragment } = record
    const length = fragment.length - explicit - suite.tagLength
    if (length < 0) return undefined
    const nonce = explicit === 0 ? xorSequence(keys.iv, sequence) : concat([keys.iv, fragment.subarray(0, explicit)])
    const additional = authenticated(record, sequence, length)
    const bytes = crypto.openAead(
      suite.cipher,
      keys.key,
      nonce,
      fragment.subarray(explicit),
      additional,
      suite.tagLength,
    )
    return bytes && { contentType, bytes }
  }
}

const BLOCK = 16

/** RFC 5246 §6.2.3.2, and RFC 7366 where both agreed to authenticate what is encrypted. */
function openerCbc(crypto: CarrierCrypto, suite: CbcSuite, keys: Keys, encryptThenMac: boolean): Opener {
  return (record, sequence) => {
    const outside = encryptThenMac ? suite.macLength : 0
    const sealed = record.fragment.subarray(0, Math.max(0, record.fragment.length - outside))
    if (sealed.length < 2 * BLOCK || sealed.length % BLOCK !== 0) return undefined
    const iv = sealed.subarray(0, BLOCK)
    const padded = crypto.decryptCbc(suite.cipher, keys.key, iv, sealed.subarray(BLOCK))
    const inside = encryptThenMac ? 0 : suite.macLength
    const length = padded.length - (padded[padded.length - 1] as number) - 1 - inside
    if (length < 0) return undefined
    const bytes = padded.subarray(0, length)
    const covered = encryptThenMac ? sealed : bytes
    const mac = crypto.hmac(suite.mac, keys.mac, concat([authenticated(record, sequence, covered.length), covered]))
    const found = encryptThenMac
      ? record.fragment.subarray(sealed.length)
      : padded.subarray(length, length + suite.macLength)
    return equal(mac, found) ? { contentType: record.contentType, bytes } : undefined
  }
}

/** What is authenticated beside the content: sequence number, type, version, length. */
function authenticated({ contentType, version }: Protected, sequence: number, length: number): Uint8Array {
  const bytes = new Uint8Array(13)
  putSequence(bytes, 0, sequence)
  bytes.set([contentType, version >> 8, version & 0xff, length >> 8, length & 0xff], 8)
  return bytes
}

function xorSequence(iv: Uint8Array, sequence: number): Uint8Array {
  const nonce = new Uint8Array(12)
  putSequence(nonce, 4, sequence)
  for (let at = 0; at < 12; at++) nonce[at] = (nonce[at] as number) ^ (iv[at] as number)
  return nonce
}

function putSequence(bytes: Uint8Array, at: number, sequence: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8)
  view.setUint32(0, Math.floor(sequence / 0x1_0000_0000))
  view.setUint32(4, sequence >>> 0)
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => byte === b[at])
