import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import type { ScramHash } from '../../codecs/core/index.ts'

const SALT = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')
const ITERATIONS = 4096

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const bytes = (said: string): Uint8Array => new TextEncoder().encode(said)

/** The server's side of SCRAM, as RFC 5802 §3 has it for servers: it knows what is stored, not the password. */
export class ScramServer {
  readonly #hash: ScramHash
  readonly #stored: Buffer
  readonly #serverKey: Buffer
  /** Messages so far, as both sides sign them. */
  #said: string[] = []

  constructor(hash: ScramHash, password: string) {
    this.#hash = hash
    const { length } = createHash(hash).digest()
    const salted = pbkdf2Sync(password, SALT, ITERATIONS, length, hash)
    this.#stored = createHash(hash).update(this.#hmac(salted, 'Client Key')).digest()
    this.#serverKey = this.#hmac(salted, 'Server Key')
  }

  /** The user of a client's first message, and the challenge. */
  first(message: Uint8Array): { readonly user: string; readonly challenge: Uint8Array } {
    const [, user = '', nonce] = /^n,,n=([^,]*),r=([!-+\--~]+)$/.exec(text(message)) ?? []
    const challenge = `r=${nonce}server,s=${SALT.toString('base64')},i=${ITERATIONS}`
    this.#said = [text(message).slice(3), challenge]
    return { user, challenge: bytes(challenge) }
  }

  /** The signature for a client's final message; undefined where its proof is wrong. */
  final(message: Uint8Array): Uint8Array | undefined {
    const [, unproved = '', proof = ''] = /^(c=biws,r=.*),p=(.*)$/.exec(text(message)) ?? []
    const signed = [...this.#said, unproved].join(',')
    const signature = this.#hmac(this.#stored, signed)
    const key = Buffer.from(proof, 'base64').map((byte, at) => byte ^ (signature[at] ?? 0))
    if (!createHash(this.#hash).update(key).digest().equals(this.#stored)) return undefined
    return bytes(`v=${this.#hmac(this.#serverKey, signed).toString('base64')}`)
  }

  #hmac(key: Uint8Array, said: string): Buffer {
    return createHmac(this.#hash, key).update(said).digest()
  }
}
