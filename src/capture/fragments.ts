import type { CaptureLimits } from './limits.ts'
import type { PacketInfo } from './packet.ts'
import { Pieces } from './pieces.ts'

/** A datagram of which some fragments have come. */
interface Partial {
  readonly pieces: Pieces
  readonly time: number
  /** Fragments seen. */
  count: number
  /** Of the whole, once its last fragment has come. */
  length: number
}

/** IP datagrams in reassembly (RFC 791 §3.2, RFC 8200 §4.5). Fragments are rare: what matters here is the bound. */
export class Fragments {
  readonly #limits: CaptureLimits
  /** Oldest first. */
  readonly #partials = new Map<string, Partial>()
  #size = 0
  /** Fragments of datagrams that were given up. */
  lost = 0

  constructor(limits: CaptureLimits) {
    this.#limits = limits
  }

  /**
   * Takes the fragment whose data the packet is at, `offset` bytes into its datagram. Answers the datagram's data when
   * this makes it whole.
   */
  add(packet: PacketInfo, protocol: number, offset: number, more: boolean): Uint8Array | undefined {
    this.#expire(packet.time)
    const key = `${packet.source0},${packet.source1},${packet.source2},${packet.source3},${packet.target0},${packet.target1},${packet.target2},${packet.target3},${packet.identification},${packet.v6 ? 'v6' : protocol}`
    let partial = this.#partials.get(key)
    if (partial === undefined) {
      partial = { pieces: new Pieces(), time: packet.time, count: 0, length: -1 }
      this.#partials.set(key, partial)
    }
    const before = partial.pieces.size
    partial.count++
    // What the capture cut off a fragment is missing from the datagram: it stays incomplete.
    partial.pieces.insert(offset, packet.end - packet.at, packet.bytes, packet.at, packet.end)
    if (!more) partial.length = offset + packet.length
    this.#size += partial.pieces.size - before
    const whole = partial.length < 0 ? undefined : assemble(partial)
    if (whole !== undefined) this.#drop(key, partial)
    else this.#bound()
    return whole
  }

  /** No more will come. */
  close(): void {
    for (const [key, partial] of this.#partials) this.#giveUp(key, partial)
  }

  #expire(now: number): void {
    for (const [key, partial] of this.#partials) {
      if (now - partial.time <= this.#limits.fragmentTime) return
      this.#giveUp(key, partial)
    }
  }

  #bound(): void {
    for (const [key, partial] of this.#partials) {
      if (this.#partials.size <= this.#limits.fragmented && this.#size <= this.#limits.fragmentBytes) return
      this.#giveUp(key, partial)
    }
  }

  #giveUp(key: string, partial: Partial): void {
    this.lost += partial.count
    this.#drop(key, partial)
  }

  #drop(key: string, partial: Partial): void {
    this.#size -= partial.pieces.size
    this.#partials.delete(key)
  }
}

function assemble({ pieces, length }: Partial): Uint8Array | undefined {
  let covered = 0
  for (const piece of pieces) {
    if (piece.start !== covered) return undefined
    covered = piece.end
  }
  if (covered < length) return undefined
  const whole = new Uint8Array(covered)
  for (const piece of pieces) whole.set(piece.bytes, piece.start)
  return whole.subarray(0, length)
}
