import { base64 } from './json.ts'
import type { SaslExchange, SaslListener } from './sasl.ts'
import { saslprep } from './saslprep.ts'
import { utf8 } from './text.ts'

export type ScramHash = 'sha1' | 'sha256' | 'sha512'

/** By the mechanism's name [RFC 5802, RFC 7677]; SCRAM-SHA-512 is as these are. */
export const SCRAM: Readonly<Record<string, ScramHash>> = {
  'SCRAM-SHA-1': 'sha1',
  'SCRAM-SHA-256': 'sha256',
  'SCRAM-SHA-512': 'sha512',
}

/** What SCRAM needs of the world. */
export interface ScramCrypto {
  /** Printable ASCII without commas, another each time. */
  nonce(): string
  /** Tells `done` what follows from a password [RFC 5802 §3]: at once where it is known, or later. */
  prove(asked: ScramAsked, done: (proof: ScramProof) => void): void
}

export interface ScramAsked {
  readonly hash: ScramHash
  readonly password: string
  readonly salt: Uint8Array
  readonly iterations: number
  readonly authMessage: string
}

export interface ScramProof {
  readonly clientProof: Uint8Array
  readonly serverSignature: Uint8Array
}

/** Fewer make a password cheap to guess, for a false server as well [RFC 5802 §5.1, RFC 7677 §4]. */
const LEAST_ITERATIONS = 4096
/** More than anybody recommends: a server is not to keep a client busy for as long as it likes. */
const MOST_ITERATIONS = 2_000_000
/** Characters of a server's nonce, and of its salt. */
const LONGEST = 1024

/** No channel binding, no other identity [RFC 5802 §7]; and the same in base64. */
const GS2_HEADER = 'n,,'
const CHANNEL_BINDING = 'c=biws'

export interface ScramOptions {
  readonly mechanism: string
  readonly user: string | undefined
  readonly password: string | undefined
  readonly crypto: ScramCrypto
}

/** The client's side of SCRAM [RFC 5802 §5]. */
export class Scram implements SaslExchange {
  readonly #options: ScramOptions
  readonly #listener: SaslListener
  #nonce = ''
  #firstBare = ''
  #password = ''
  /** What is due: the server's first message, our proof, its signature; then nothing more, for good or ill. */
  #step: 'first' | 'proving' | 'final' | 'over' | 'refused' = 'first'
  #signature = ''

  constructor(options: ScramOptions, listener: SaslListener) {
    this.#options = options
    this.#listener = listener
  }

  start(): Uint8Array | undefined {
    const { mechanism, crypto, user, password } = this.#options
    if (user === undefined || password === undefined) {
      this.#listener.refuse(`${mechanism} takes a user and a password`)
      return undefined
    }
    const [name, secret] = [saslprep(user), saslprep(password)]
    if (name === undefined || secret === undefined) {
      const what = name === undefined ? 'user' : 'password'
      this.#listener.refuse(`the ${what} has characters that ${mechanism} does not allow (RFC 4013)`)
      return undefined
    }
    this.#password = secret
    this.#nonce = crypto.nonce()
    this.#firstBare = `n=${saslName(name)},r=${this.#nonce}`
    return bytesOf(GS2_HEADER + this.#firstBare)
  }

  answer(challenge: Uint8Array): void {
    const message = utf8(challenge, 0, challenge.length)
    if (this.#step === 'first') this.#first(message)
    else if (this.#step !== 'final') this.#refuse('the server wants another step to log in')
    // It may say so in a challenge, or with its outcome.
    else if (this.#verified(message)) this.#listener.respond(new Uint8Array(0))
  }

  /** A client must not go on with a server that did not prove that it knows the password [RFC 5802 §5]. */
  finish(data: Uint8Array | undefined): boolean {
    if (this.#step === 'final' && data !== undefined && data.length > 0) {
      return this.#verified(utf8(data, 0, data.length))
    }
    if (this.#step === 'over' || this.#step === 'refused') return this.#step === 'over'
    this.#refuse('the server lets us in, and does not prove that it knows the password')
    return false
  }

  #first(message: string): void {
    const { mechanism, crypto } = this.#options
    const [nonce, salt, count] = ['r', 's', 'i'].map((name, at) => attribute(message.split(',')[at], name))
    const salty = salt === undefined || salt.length > LONGEST ? undefined : unbase64(salt)
    const isOurs = nonce !== undefined && nonce.length > this.#nonce.length && nonce.startsWith(this.#nonce)
    if (salty === undefined || count === undefined || !isOurs || nonce.length > LONGEST) {
      this.#refuse(`the server's first message is none of ${mechanism}`)
      return
    }
    const iterations = /^[1-9]\d{0,9}$/.test(count) ? Number(count) : 0
    if (iterations < LEAST_ITERATIONS || iterations > MOST_ITERATIONS) {
      const bound = iterations < LEAST_ITERATIONS ? `fewer than ${LEAST_ITERATIONS}` : `more than ${MOST_ITERATIONS}`
      this.#refuse(`the server wants ${iterations} iterations of ${mechanism}, ${bound} (RFC 5802 §5.1)`)
      return
    }
    const unproved = `${CHANNEL_BINDING},r=${nonce}`
    this.#step = 'proving'
    crypto.prove(
      {
        hash: SCRAM[mechanism] as ScramHash,
        password: this.#password,
        salt: salty,
        iterations,
        authMessage: `${this.#firstBare},${message},${unproved}`,
      },
      ({ clientProof, serverSignature }) => {
        if (this.#step !== 'proving') return
        this.#step = 'final'
        this.#signature = base64(serverSignature)
        this.#listener.respond(bytesOf(`${unproved},p=${base64(clientProof)}`))
      },
    )
  }

  #verified(message: string): boolean {
    const [first] = message.split(',')
    const said = attribute(first, 'e')
    if (attribute(first, 'v') === this.#signature) {
      this.#step = 'over'
      return true
    }
    this.#refuse(
      said === undefined
        ? 'the server does not know the password: its signature is wrong'
        : `not logged in: ${said.slice(0, LONGEST)}`,
    )
    return false
  }

  #refuse(why: string): void {
    this.#step = 'refused'
    this.#listener.refuse(why)
  }
}

/** What commas and equals signs of a name are [RFC 5802 §5.1]. */
export const saslName = (name: string): string => name.replaceAll('=', '=3D').replaceAll(',', '=2C')

const attribute = (text: string | undefined, name: string): string | undefined =>
  text?.startsWith(`${name}=`) ? text.slice(2) : undefined

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

const BASE64 = /^(?=.)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Undefined where it is none, or nothing. */
function unbase64(text: string): Uint8Array | undefined {
  if (!BASE64.test(text)) return undefined
  return Uint8Array.from(atob(text), character => character.charCodeAt(0))
}
