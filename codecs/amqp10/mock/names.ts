import { type MockOptions, Recent } from '../../core/index.ts'
import { NODE } from '../play/names.ts'
import type { Renaming } from '../readdress.ts'
import type { Value } from '../value.ts'
import type { Amqp10Act } from './act.ts'

/** Names that this client or this mock made up, in place of the recorded ones. */
const MOST = 65_536

/** What is called otherwise by this client than by the recorded one. */
export class Names implements Renaming {
  readonly #options: MockOptions
  /** By what things are called now, what they were called then. */
  readonly #recorded = new Recent<string, string>(MOST)
  /** By what messages referred to then, what they refer to now. */
  readonly #correlations = new Recent<string, Value>(MOST)
  #made = 0

  constructor(options: MockOptions) {
    this.#options = options
  }

  recognise(then: Amqp10Act, now: Amqp10Act): void {
    this.#learn(then.address, now.address)
    const [asked, asks] = [then.properties, now.properties]
    this.#learn(asked?.replyTo, asks?.replyTo)
    this.#correlate(asked?.messageId, asks?.messageId)
    this.#correlate(asked?.correlationId, asks?.correlationId)
  }

  /** The address of a node that the server made up then: the same for the first client, one as it is for others. */
  madeUp(then: string): string {
    const { take } = this.#options
    const now = take === 0 ? then : `${then}-${take}-${++this.#made}`
    this.#learn(then, now)
    return now
  }

  address(recorded: string): string {
    return String(this.#options.names.live(NODE, recorded) ?? recorded)
  }

  recorded(now: string): string {
    return this.#recorded.get(now) ?? now
  }

  correlation(recorded: Value): Value {
    return this.#correlations.get(keyOf(recorded)) ?? recorded
  }

  #learn(then: string | undefined, now: string | undefined): void {
    if (then === undefined || now === undefined || then === '' || now === '' || then === now) return
    this.#options.names.learn(NODE, then, now)
    this.#recorded.set(now, then)
  }

  #correlate(then: Value | undefined, now: Value | undefined): void {
    if (then !== undefined && now !== undefined) this.#correlations.set(keyOf(then), now)
  }
}

const keyOf = (value: Value): string => `${value.type} ${JSON.stringify(value, plain)}`
const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)
