import type { Packet, Tracked } from '../../core/index.ts'
import type { Observation } from './observation.ts'

/** Of one side; the oldest is forgotten where there are more. */
const MOST = 4096

/** What one side observes, by the tokens of its registrations. */
export class Observations {
  readonly #out: Tracked
  readonly #onDropped: (observation: Observation) => void
  readonly #byToken = new Map<string, Observation>()
  readonly #byIdentity = new Map<string, Observation>()

  /** `onDropped` is told of each that ends or is forgotten. */
  constructor(out: Tracked, onDropped: (observation: Observation) => void) {
    this.#out = out
    this.#onDropped = onDropped
  }

  get(token: string): Observation | undefined {
    return this.#byToken.get(token)
  }

  /** By what requests for the blocks of its notifications have in common. */
  find(identity: string): Observation | undefined {
    return this.#byIdentity.get(identity)
  }

  all(): Iterable<Observation> {
    return this.#byToken.values()
  }

  /** Registers; once more, where it was registered under the same token. */
  add(observation: Observation, { time }: Packet, frame: number): void {
    const { token, identity, target } = observation
    const before = this.#byToken.get(token)
    if (before !== undefined) {
      before.sequence = observation.sequence
      before.time = observation.time
      return
    }
    if (this.#byToken.size >= MOST) this.#dropOldest()
    this.#byToken.set(token, observation)
    this.#byIdentity.set(identity, observation)
    const details = { token }
    this.#out.topology({ action: 'add', kind: 'subscription', name: target.address, details, frame, time })
  }

  remove(token: string, { time }: Packet, frame: number): void {
    const observation = this.#byToken.get(token)
    if (observation === undefined) return
    this.#drop(observation)
    const { address } = observation.target
    this.#out.topology({ action: 'remove', kind: 'subscription', name: address, details: { token }, frame, time })
  }

  #dropOldest(): void {
    const oldest = this.#byToken.values().next()
    if (oldest.done !== true) this.#drop(oldest.value)
  }

  #drop(observation: Observation): void {
    if (this.#byIdentity.get(observation.identity) === observation) this.#byIdentity.delete(observation.identity)
    this.#byToken.delete(observation.token)
    this.#onDropped(observation)
  }
}
