import type { Outbox } from './outbox.ts'
import { Writer } from './writer.ts'

/** Of a driver's usual frames, in bytes: there may be very many drivers. */
const CAPACITY = 256

/** Writes a driver's frames: those that are too few to be worth a plate. */
export class Pen<F> {
  readonly #outbox: Outbox
  readonly #write: (writer: Writer, frame: F) => void
  readonly #writer = new Writer(CAPACITY)

  constructor(outbox: Outbox, write: (writer: Writer, frame: F) => void) {
    this.#outbox = outbox
    this.#write = write
  }

  send(frame: F): void {
    this.#write(this.#writer, frame)
    this.#outbox.put(this.#writer.take())
    this.#outbox.end()
  }

  /** The frames as bytes of their own, not sent. */
  encode(...frames: readonly F[]): Uint8Array {
    for (const frame of frames) this.#write(this.#writer, frame)
    return this.#writer.take().slice()
  }
}
