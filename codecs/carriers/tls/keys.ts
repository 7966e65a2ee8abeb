import type { CarrierCrypto } from '../../core/index.ts'
import { concat, utf8Length, writeUtf8 } from '../../core/index.ts'
import type { Suite } from './tables.ts'

/** What protects one direction of records, from one change of keys to the next. */
export interface Keys {
  readonly key: Uint8Array
  readonly iv: Uint8Array
  readonly mac: Uint8Array
}

/** The keys of a traffic secret (RFC 8446 §7.3). */
export function trafficKeys(crypto: CarrierCrypto, suite: Suite, secret: Uint8Array): Keys {
  return {
    key: expandLabel(crypto, suite.hash, secret, 'key', suite.keyLength),
    iv: expandLabel(crypto, suite.hash, secret, 'iv', 12),
    mac: new Uint8Array(0),
  }
}

/** The secret that a key update leads to (RFC 8446 §7.2). */
export const updatedSecret = (crypto: CarrierCrypto, suite: Suite, secret: Uint8Array): Uint8Array =>
  expandLabel(crypto, suite.hash, secret, 'traffic upd', secret.length)

/** HKDF-Expand-Label with an empty context (RFC 8446 §7.1). */
function expandLabel(
  crypto: CarrierCrypto,
  hash: string,
  secret: Uint8Array,
  label: string,
  length: number,
): Uint8Array {
  const name = ascii(`tls13 ${label}`)
  const info = concat([Uint8Array.of(length >> 8, length & 0xff, name.length), name, Uint8Array.of(0)])
  let block: Uint8Array = new Uint8Array(0)
  let output: Uint8Array = new Uint8Array(0)
  for (let counter = 1; output.length < length; counter++) {
    block = crypto.hmac(hash, secret, concat([block, info, Uint8Array.of(counter)]))
    output = concat([output, block])
  }
  return output.subarray(0, length)
}

/** Both directions' keys from a master secret (RFC 5246 §6.3). */
export function keyBlock(
  crypto: CarrierCrypto,
  suite: Suite,
  master: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): { readonly client: Keys; readonly server: Keys } {
  const mac = suite.kind === 'cbc' ? suite.macLength : 0
  const iv = suite.kind === 'cbc' ? 0 : suite.fixedIv
  const seed = concat([ascii('key expansion'), serverRandom, clientRandom])
  const block = prf(crypto, suite.hash, master, seed, 2 * (mac + suite.keyLength + iv))
  let at = 0
  const take = (length: number) => block.subarray(at, (at += length))
  const [clientMac, serverMac] = [take(mac), take(mac)]
  const [clientKey, serverKey] = [take(suite.keyLength), take(suite.keyLength)]
  const [clientIv, serverIv] = [take(iv), take(iv)]
  return {
    client: { key: clientKey, iv: clientIv, mac: clientMac },
    server: { key: serverKey, iv: serverIv, mac: serverMac },
  }
}

/** P_hash (RFC 5246 §5). */
function prf(crypto: CarrierCrypto, hash: string, secret: Uint8Array, seed: Uint8Array, length: number): Uint8Array {
  let a = seed
  let output: Uint8Array = new Uint8Array(0)
  while (output.length < length) {
    a = crypto.hmac(hash, secret, a)
    output = concat([output, crypto.hmac(hash, secret, concat([a, seed]))])
  }
  return output.subarray(0, length)
}

function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text))
  writeUtf8(bytes, 0, text)
  return bytes
}
