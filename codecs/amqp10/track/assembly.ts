import { Body, type Budget, type Packet, Reader } from '../../core/index.ts'
import type { Context } from '../dialogue.ts'
import type { Transfer } from '../frames.ts'
import { readFrame } from '../read.ts'

/** More numbers of frames than this are not listed of one delivery. */
const MOST_FRAMES = 65_536

/** A delivery whose message comes in several transfers [2.6.14]. */
export class Assembly {
  readonly #budget: Budget
  readonly #body: Body
  /** Its first transfer, which alone must say what it is; undefined where that was not seen or there is no room. */
  readonly first: Transfer | undefined
  /** That transfer's packet. */
  readonly packet: Packet<Context> | undefined
  /** Later transfers need not repeat it. */
  readonly deliveryId: number | undefined
  readonly started: number
  readonly frames: number[] = []
  /** Nothing of it was lost so far. */
  whole: boolean
  settled = false

  /** `headless`: the delivery began before this transfer. */
  constructor(transfer: Transfer, packet: Packet<Context>, budget: Budget, headless: boolean) {
    this.#budget = budget
    this.#body = new Body(budget)
    this.deliveryId = transfer.deliveryId
    this.started = packet.time
    this.whole = !headless
    if (headless || !budget.take(packet.end - packet.start)) return
    this.packet = packet.kept()
    // Read anew, as what was read of the packet that came holds on to its chunk.
    this.first = readFrame(new Reader().open(this.packet), this.packet.context, this.packet.side) as Transfer
  }

  get size(): number {
    return this.#body.size
  }

  add({ payload, settled }: Transfer, packet: Packet, number: number): void {
    if (settled === true) this.settled = true
    if (this.frames.length < MOST_FRAMES) this.frames.push(number)
    const missing = packet.length - (packet.end - packet.start)
    if (missing > 0) this.whole = false
    if (payload !== undefined) this.#body.add(payload, payload.length + missing)
  }

  /** What was kept of the payload; `drop` is then done. */
  finish(): Uint8Array {
    const bytes = this.#body.finish()
    this.#release()
    return bytes
  }

  /** Gives back the room it took. */
  drop(): void {
    this.#body.drop()
    this.#release()
  }

  #release(): void {
    if (this.packet !== undefined) this.#budget.give(this.packet.end - this.packet.start)
  }
}
