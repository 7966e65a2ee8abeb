import { type DriveOptions, type Made, type Packet, u32At } from '../../core/index.ts'
import type { Content } from '../frames.ts'
import { codeName, codeTexts, SUCCESS } from '../tables.ts'
import type { Incoming } from './incoming.ts'
import { removeOf } from './options.ts'
import { removingToken } from './tokens.ts'

/** A response to a request that made something [RFC 7252 §5.9.1.1]. */
export const CREATED = 0x41
const NOT_FOUND = 0x84

/** Requests that are under way at once. */
const WINDOW = 16

export const resourceMade = (path: string): Made => ({ kind: 'resource', name: path })

/** Takes resources away, by a DELETE of each [RFC 7252 §5.8.4]. */
export class Removing {
  readonly #options: DriveOptions
  readonly #ask: (content: Content) => void
  readonly #answered = new Set<number>()
  #sent = 0

  /** `ask` sends a request, and sees to it that it gets there. */
  constructor(options: DriveOptions, ask: (content: Content) => void) {
    this.#options = options
    this.#ask = ask
  }

  /** Tells that it is ready once all are answered. */
  begin(): void {
    const { removes } = this.#options
    while (this.#sent < removes.length && this.#sent - this.#answered.size < WINDOW) {
      const { name } = removes[this.#sent] as Made
      this.#ask(removeOf(name, this.#options, removingToken(this.#sent++)))
    }
  }

  /** A response that has a token of ours. */
  heard({ buffer }: Packet, { tokenAt, code }: Incoming): void {
    const { removes, listener } = this.#options
    const number = u32At(buffer, tokenAt + 1)
    const made = removes[number]
    if (made === undefined || number >= this.#sent || this.#answered.has(number)) return
    this.#answered.add(number)
    const text = codeTexts[code] as string
    const gone = code >> 5 === SUCCESS || code === NOT_FOUND
    listener.removed(made, gone ? undefined : `${text} ${codeName(text) ?? ''}`.trimEnd())
    if (this.#answered.size === removes.length) listener.ready()
    else this.begin()
  }
}
