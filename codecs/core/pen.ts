import type { Outbox } from './outbox.ts'
import { Writer } from './writer.ts'

/** All that is written is taken at once: there may be very many pens, and they need but one. */
const writer = new Writer()

/** Writes a driver's frames: those that are too few to be worth a plate. */
export class Pen<F> {
  readonly #outbox: Outbox
  readonly #write: (writer: Writer, frame: F) => void

  constructor(outbox: Outbox, write: (writer: Writer, frame: F) => void) {
    this.#outbox = outbox
    this.#write = write
  }

  send(frame: F): void {
    this.#write(writer, frame)
    this.#outbox.put(writer.take())
    this.#outbox.end()
  }

  /** The frames as bytes of their own, not sent. */
  encode(...frames: readonly F[]): Uint8Array {
    for (const frame of frames) this.#write(writer, frame)
    return writer.take().slice()
  }
}
