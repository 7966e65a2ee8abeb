import type { Side } from '../../codecs/core/index.ts'
import type { BySide } from '../flow.ts'
import type { Connection } from '../net/index.ts'
import { Passing } from './passing.ts'
import type { Tap } from './tap.ts'

export interface RelayHandlers {
  /** What a side says first. */
  began(side: Side, chunk: Uint8Array): void
  /** A side ended in order. */
  ended(side: Side): void
  /** One end broke: it was reset, or nobody answers there any more. */
  broken(side: Side, error: Error): void
  /** Both ends are closed. */
  closed(): void
}

/** How long what was relayed may take to be sent when the proxy ends, in milliseconds. */
const GRACE = 1_000

/**
 * Two connections made one. Bytes are written to the other end before anything looks at them, and a side is read only
 * as fast as the other end takes what it sent, so that what is held is bounded: what the two sockets buffer.
 */
export class Relay {
  readonly #ends: Readonly<BySide<Connection>>
  readonly #tap: Tap
  readonly #handlers: RelayHandlers
  #open = 2
  /** Nothing more is told: one end broke, or the proxy ends. */
  #over = false

  constructor(client: Connection, server: Connection, tap: Tap, handlers: RelayHandlers) {
    this.#ends = { client, server }
    this.#tap = tap
    this.#handlers = handlers
    this.#pump('client', 'server')
    this.#pump('server', 'client')
  }

  /** Sends what was relayed, then ends both connections. */
  stop(): void {
    if (this.#over) return
    this.#over = true
    const ends = Object.values(this.#ends)
    for (const { stream } of ends) {
      stream.pause()
      stream.end(() => stream.destroy())
    }
    const timer = setTimeout(() => {
      for (const end of ends) end.reset()
    }, GRACE)
    timer.unref()
  }

  #pump(side: Side, other: Side): void {
    const tap = this.#tap
    const from = this.#ends[side].stream
    const to = this.#ends[other].stream
    const writer = new Passing(to, this.#ends[side].lends)
    to.on('drain', () => {
      if (!this.#over) from.resume()
    })
    const ended = (): void => {
      to.end()
      tap.end(side, 'fin')
      if (!this.#over) this.#handlers.ended(side)
    }
    // Node notes the end of a stream also while nobody reads it.
    if (from.readableEnded) ended()
    else from.on('end', ended)
    from.on('error', error => this.#broke(side, other, error))
    from.on('close', () => {
      if (--this.#open > 0) return
      tap.close()
      this.#handlers.closed()
    })
    let began = false
    this.#ends[side].read(chunk => {
      if (!writer.write(chunk)) from.pause()
      if (!began) {
        began = true
        this.#handlers.began(side, chunk)
      }
      tap.data(side, chunk)
    })
  }

  #broke(side: Side, other: Side, error: Error): void {
    if (this.#over) return
    this.#over = true
    this.#tap.end(side, 'reset')
    this.#handlers.broken(side, error)
    this.#ends[other].reset()
    // Of itself TLS that fails does not end the connection.
    this.#ends[side].stream.destroy()
  }
}
