import { Packet } from '../../codecs/core/index.ts'

/** Of many packets. */
const BLOCK = 256 << 10

/** Keeps packets for long, many behind each other in one block: a buffer for each would take more than its bytes. */
export class Shelf {
  #block = new Uint8Array(0)
  #used = 0

  keep<C>(packet: Packet<C>): Packet<C> {
    const { kind, side, offset, time, record, context, diagnostics } = packet
    const size = packet.end - packet.start
    if (size * 2 > BLOCK) return packet.kept()
    if (this.#used + size > this.#block.length) {
      this.#block = new Uint8Array(BLOCK)
      this.#used = 0
    }
    const start = this.#used
    this.#block.set(packet.bytes, start)
    this.#used += size
    return new Packet(
      kind,
      side,
      offset,
      time,
      record,
      this.#block,
      start,
      start + size,
      packet.length,
      context,
      diagnostics,
    )
  }
}
