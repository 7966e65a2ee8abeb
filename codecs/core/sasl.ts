import type { DriveOptions, DriverListener } from './drive.ts'
import { SCRAM, Scram, saslName } from './scram.ts'
import { utf8 } from './text.ts'

/** Told at once, or later where there is something to be worked out first. */
export interface SaslListener {
  /** What answers a challenge. */
  respond(response: Uint8Array): void
  /** We do not log in to this server. */
  refuse(why: string): void
}

/** The client's side of a mechanism, as long as one login takes [RFC 4422 §3]. */
export interface SaslExchange {
  /** The first response; undefined where it was refused. */
  start(): Uint8Array | undefined
  answer(challenge: Uint8Array): void
  /** The server says that we are in: whether that is so, or was refused. */
  finish(data: Uint8Array | undefined): boolean
  /** What the server said of why it would not have us, if it did. */
  readonly complaint?: string | undefined
}

type Credentials = Pick<DriveOptions, 'user' | 'password' | 'token'>

export type LoginOptions = Credentials &
  Pick<DriveOptions, 'scram'> & { readonly listener: Pick<DriverListener, 'failed' | 'wrote'> }

/** Mechanisms whose first response says all. */
const AT_ONCE: Readonly<Record<string, (credentials: Credentials) => string>> = {
  /** RFC 4616. */
  PLAIN: credentials => `\0${nameOf(credentials) ?? ''}\0${credentials.password ?? ''}`,
  EXTERNAL: () => '',
  ANONYMOUS: () => '',
}

/** Mechanisms of bearer tokens, and what answers an error that is told in a challenge. */
const BEARER: Readonly<Record<string, { first(credentials: Credentials): string; readonly failed: string }>> = {
  /** RFC 7628 §3.1, §3.2.3. */
  OAUTHBEARER: {
    first: ({ user, password = '' }) =>
      `n,${user === undefined ? '' : `a=${saslName(user)}`},\x01auth=Bearer ${password}\x01\x01`,
    failed: '\x01',
  },
  /** What was there before it, and still is: Google's and Microsoft's servers, Qpid. */
  XOAUTH2: {
    first: credentials => `user=${nameOf(credentials) ?? ''}\x01auth=Bearer ${credentials.password ?? ''}\x01\x01`,
    failed: '',
  },
}

/** Servers that take a token look at no name beside it; but some want to see one. */
export const nameOf = ({ user, token }: Pick<DriveOptions, 'user' | 'token'>): string | undefined =>
  user ?? (token ? 'token' : undefined)

const STRANGE = 'the server wants another step to log in'
/** Characters of what a server says that are told. */
const MOST_TOLD = 500

class AtOnce implements SaslExchange {
  complaint: string | undefined
  readonly #first: () => string
  readonly #failed: string | undefined
  readonly #listener: SaslListener

  /** `failed` answers a challenge, where one can tell of an error. */
  constructor(first: () => string, failed: string | undefined, listener: SaslListener) {
    this.#first = first
    this.#failed = failed
    this.#listener = listener
  }

  start(): Uint8Array {
    return new TextEncoder().encode(this.#first())
  }

  answer(challenge: Uint8Array): void {
    if (this.#failed === undefined || this.complaint !== undefined) this.#listener.refuse(STRANGE)
    else {
      this.complaint = utf8(challenge, 0, challenge.length).slice(0, MOST_TOLD)
      this.#listener.respond(new TextEncoder().encode(this.#failed))
    }
  }

  finish(): boolean {
    return true
  }
}

/** How one connection logs in, in whatever frames its protocol has for that. Where it fails, the listener hears of it. */
export class Login {
  readonly mechanism: string
  readonly #options: LoginOptions
  readonly #exchange: SaslExchange
  #begun = false

  /** `respond` sends what answers a challenge. */
  constructor(mechanism: string, options: LoginOptions, respond: (response: Uint8Array) => void) {
    this.mechanism = mechanism
    this.#options = options
    this.#exchange = exchange(mechanism, options, {
      respond: response => {
        respond(response)
        options.listener.wrote()
      },
      refuse: why => options.listener.failed(why),
    })
  }

  /** The first response. Undefined where it failed: among what the server offers, if it says so, must be the mechanism. */
  begin(offered?: readonly string[]): Uint8Array | undefined {
    if (offered !== undefined && !offered.includes(this.mechanism)) {
      this.#options.listener.failed(`the server has ${offered.join(', ')} to log in, not ${this.mechanism}`)
      return undefined
    }
    this.#begun = true
    return this.#exchange.start()
  }

  answer(challenge: Uint8Array): void {
    if (this.#begun) this.#exchange.answer(challenge)
    else this.#options.listener.failed(STRANGE)
  }

  /** The server says that we are in, with `data` where its protocol has it say more: whether to go on. */
  finish(data?: Uint8Array): boolean {
    if (this.#begun) return this.#exchange.finish(data)
    this.#options.listener.failed('the server lets us in before we logged in')
    return false
  }

  /** The server says that we are not in: `what`, in its protocol's words. */
  refused(what: string): void {
    const { complaint } = this.#exchange
    this.#options.listener.failed(complaint === undefined ? what : `${what}: ${complaint}`)
  }
}

function exchange(mechanism: string, options: LoginOptions, listener: SaslListener): SaslExchange {
  const { user, password, scram } = options
  if (mechanism in SCRAM) return new Scram({ mechanism, user, password, crypto: scram }, listener)
  const bearer = BEARER[mechanism]
  // Made when it is sent: there may be very many connections, and tokens are long.
  const first = bearer?.first ?? AT_ONCE[mechanism] ?? (() => '')
  return new AtOnce(() => first(options), bearer?.failed, listener)
}
