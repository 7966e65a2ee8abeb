import { createHash, createHmac, pbkdf2, pbkdf2Sync, randomBytes } from 'node:crypto'
import type { ScramAsked, ScramCrypto, ScramHash, ScramProof } from '../codecs/core/index.ts'

/** What a password comes to by a salt and a count; RFC 5802 §5.1 lets clients keep it. */
interface Keys {
  readonly client: Buffer
  readonly stored: Buffer
  readonly server: Buffer
}

/** Servers have a salt for each user: these are many users. */
const MOST_KEPT = 1000
const LENGTHS: Readonly<Record<ScramHash, number>> = { sha1: 20, sha256: 32, sha512: 64 }

/** Thousands of connections of one user work its keys out once, beside all else. */
export class ScramKeys implements ScramCrypto {
  readonly #waits: boolean
  /** Known keys, and who waits for those that are being worked out; the oldest first. */
  readonly #kept = new Map<string, Keys | ((keys: Keys) => void)[]>()

  /** Told to wait, it tells at once, if it takes a second. */
  constructor({ waits = false } = {}) {
    this.#waits = waits
  }

  nonce(): string {
    return randomBytes(18).toString('base64')
  }

  prove(asked: ScramAsked, done: (proof: ScramProof) => void): void {
    const { hash, password, salt, iterations } = asked
    const key = JSON.stringify([hash, password, Buffer.from(salt).toString('base64'), iterations])
    const known = this.#kept.get(key)
    const use = (keys: Keys): void => done(proofOf(asked, keys))
    if (known === undefined) this.#work(key, asked, use)
    else if (Array.isArray(known)) known.push(use)
    else use(known)
  }

  #work(key: string, { hash, password, salt, iterations }: ScramAsked, first: (keys: Keys) => void): void {
    const waiting = [first]
    this.#kept.set(key, waiting)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) break
      this.#kept.delete(oldest)
    }
    const done = (salted: Buffer): void => {
      const keys = keysOf(hash, salted)
      if (this.#kept.get(key) === waiting) this.#kept.set(key, keys)
      for (const use of waiting) use(keys)
    }
    if (this.#waits) done(pbkdf2Sync(password, salt, iterations, LENGTHS[hash], hash))
    else {
      pbkdf2(password, salt, iterations, LENGTHS[hash], hash, (error, salted) => {
        if (error !== null) throw error
        done(salted)
      })
    }
  }
}

const hmac = (hash: ScramHash, key: Uint8Array, text: string): Buffer =>
  createHmac(hash, key).update(text, 'utf8').digest()

/** RFC 5802 §3. */
function keysOf(hash: ScramHash, salted: Buffer): Keys {
  const client = hmac(hash, salted, 'Client Key')
  return { client, stored: createHash(hash).update(client).digest(), server: hmac(hash, salted, 'Server Key') }
}

function proofOf({ hash, authMessage }: ScramAsked, { client, stored, server }: Keys): ScramProof {
  const signature = hmac(hash, stored, authMessage)
  return {
    clientProof: client.map((byte, at) => byte ^ (signature[at] as number)),
    serverSignature: hmac(hash, server, authMessage),
  }
}
