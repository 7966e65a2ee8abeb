import { type PlayOptions, type Said, utf8 } from '../../core/index.ts'
import type { Amqp10Frame, SaslInit } from '../frames.ts'

/** How a connection logs in again: as then, or as somebody else, by the simplest mechanism there is [5.3]. */
export class LogIn {
  readonly #options: PlayOptions
  /** PLAIN stands for a mechanism of challenges: what the recording says in answer to them is left out. */
  #instead = false

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
    const response = new TextEncoder().encode(`\0${as}\0${by}`)
    return { action: 'send', orderly: true, frames: [{ ...frame, mechanism: 'PLAIN', initialResponse: response }] }
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
