import { Login, type PlayOptions, type Said, SCRAM, utf8 } from '../../core/index.ts'
import type { Amqp10Frame, SaslChallenge, SaslInit, SaslMechanisms, SaslOutcome } from '../frames.ts'

/**
 * How a connection logs in again: as then, or as somebody else, by the simplest mechanism there is [5.3]; by SCRAM, where
 * it did and this server has it, too.
 */
export class LogIn {
  readonly #options: PlayOptions
  /** Another login stands for one of challenges: what the recording says in answer to them is left out. */
  #instead = false
  /** What this server has. */
  #offered: readonly string[] = []
  #scram: Login | undefined
  #responses: Amqp10Frame[] = []
  #failed: string | undefined

  constructor(options: PlayOptions) {
    this.#options = options
  }

  init(frame: SaslInit): Said<Amqp10Frame> {
    const { user, password } = this.#options
    const { mechanism, initialResponse = NOTHING } = frame
    const own = user !== undefined || password !== undefined
    // No password is sent: a trace, an identity that the transport vouches for.
    if (mechanism === 'ANONYMOUS' || (mechanism === 'EXTERNAL' && !isMasked(initialResponse))) return ORDERLY
    const known = mechanism === 'PLAIN' ? credentials(initialResponse) : undefined
    if (known !== undefined && !own) return ORDERLY
    const [as, by] = [user ?? known?.user, password ?? known?.password]
    if (as === undefined || by === undefined) return impossible(mechanism)
    this.#instead = mechanism !== 'PLAIN'
    const first = mechanism in SCRAM && this.#offered.includes(mechanism) ? this.#begin(mechanism, as, by) : undefined
    if (this.#failed !== undefined) return this.refused as Said<Amqp10Frame>
    const said =
      first === undefined
        ? { mechanism: 'PLAIN', initialResponse: new TextEncoder().encode(`\0${as}\0${by}`) }
        : { initialResponse: first }
    return { action: 'send', orderly: true, frames: [{ ...frame, ...said }] }
  }

  /** A live frame of the server's; answers with what is to be said to it. */
  hear(frame: SaslMechanisms | SaslChallenge | SaslOutcome): readonly Amqp10Frame[] {
    if (frame.type === 'sasl-mechanisms') this.#offered = frame.saslServerMechanisms
    else if (frame.type === 'sasl-challenge') this.#scram?.answer(frame.challenge)
    else if (frame.code === 0) this.#scram?.finish(frame.additionalData)
    return this.#responses.splice(0)
  }

  /** The server did not prove itself, or asks for too much: nothing more is said to it. */
  get refused(): Said<Amqp10Frame> | undefined {
    if (this.#failed === undefined) return undefined
    return { action: 'impossible', message: this.#failed, next: 'See whether it is the broker that it should be.' }
  }

  #begin(mechanism: string, user: string, password: string): Uint8Array | undefined {
    const { scram } = this.#options
    const listener = { failed: (why: string) => (this.#failed ??= why), wrote: () => {} }
    this.#scram = new Login(mechanism, { user, password, scram, listener }, response =>
      this.#responses.push({ type: 'sasl-response', response }),
    )
    return this.#scram.begin()
  }

  response(): Said<Amqp10Frame> {
    return this.#instead ? { action: 'skip' } : ORDERLY
  }

  /** Whether the server will still send challenges, as it did then. */
  get challenged(): boolean {
    return !this.#instead
  }
}

/** Of SASL PLAIN; undefined where they were overwritten [RFC 4616]. */
export function credentials(response: Uint8Array): { readonly user: string; readonly password: string } | undefined {
  if (isMasked(response)) return undefined
  const [, user = '', password = ''] = utf8(response, 0, response.length).split('\0')
  return /^\*+$/.test(password) ? undefined : { user, password }
}

function impossible(mechanism: string): Said<Amqp10Frame> {
  const why = mechanism === 'PLAIN' || mechanism === 'EXTERNAL' ? 'it was overwritten' : 'each challenge is another'
  return {
    action: 'impossible',
    message: `what the recording has for ${mechanism} does not log in again: ${why}`,
    next: 'Give --user and --password, or record with --keep-secrets and a mechanism without challenges.',
  }
}

const NOTHING = new Uint8Array(0)
const MASK = 0x2a
const isMasked = (bytes: Uint8Array): boolean => bytes.length > 0 && bytes.every(byte => byte === MASK)

const ORDERLY = { action: 'same', orderly: true } as const
