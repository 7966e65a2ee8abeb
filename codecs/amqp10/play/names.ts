import type { PlayOptions } from '../../core/index.ts'
import type { Attach } from '../frames.ts'
import { readdressed } from '../readdress.ts'
import { Value } from '../value.ts'

/** Nodes that a peer made up: an address for replies is one connection's, and used on others [3.5.3]. */
export const NODE = 'amqp10 node'

/** What things are called in this run. */
export class Names {
  readonly #options: PlayOptions

  constructor(options: PlayOptions) {
    this.#options = options
  }

  address(recorded: string): string {
    return String(this.#options.names.live(NODE, recorded) ?? this.#options.address(recorded))
  }

  /** The peer made up a name then, and another now. */
  learn(then: string | undefined, now: string | undefined): void {
    if (then !== undefined && now !== undefined) this.#options.names.learn(NODE, then, now)
  }

  /** A name of our own making, which copies must not share. */
  own(name: string): string {
    const { copy } = this.#options
    return copy === 0 || name === '' ? name : `${name}-${copy}`
  }

  attach(frame: Attach): Attach {
    const [source, target] = [this.#terminus(frame.source), this.#terminus(frame.target)]
    return source === frame.source && target === frame.target ? frame : { ...frame, source, target }
  }

  #terminus<T extends Attach['source']>(terminus: T): T {
    if (terminus === undefined || terminus instanceof Value || !('address' in terminus)) return terminus
    const { address } = terminus
    const live = address === undefined ? undefined : this.address(address)
    return live === address ? terminus : { ...terminus, address: live }
  }

  /** A message, or the beginning of one, with its `to` and `reply-to`; itself where they are what they were. */
  content(bytes: Uint8Array): Uint8Array {
    return readdressed(bytes, this)
  }
}
