import { type Diagnostic, Packet, type PacketKind } from '../../../codecs/core/index.ts'
import type { Flow } from '../../flow.ts'

/** Rows of one segment. */
export const SEGMENT_ROWS = 1 << 14
/** Bytes of frames that one segment holds, unless a single frame is larger. */
export const SEGMENT_BYTES = 4 << 20

const KINDS: readonly PacketKind[] = ['frame', 'malformed', 'gap']
const FROM_SERVER = 4
const NONE: readonly Diagnostic[] = []

export interface KeptPacket {
  readonly flow: Flow
  readonly packet: Packet
}

/**
 * Consecutive packets, free of the chunks they arrived in: their bytes one after the other in one block, the rest in
 * columns. Keeping a packet copies its bytes once and allocates nothing; it is made again when somebody looks at it.
 * A segment that is no longer needed is used anew: what is seen of it is good until then.
 */
export class Segment {
  /** The number of its first packet. */
  first: number
  length = 0
  #at = 0
  readonly #bytes: Uint8Array
  readonly #time = new Float64Array(SEGMENT_ROWS)
  readonly #offset = new Float64Array(SEGMENT_ROWS)
  readonly #wire = new Float64Array(SEGMENT_ROWS)
  readonly #start = new Uint32Array(SEGMENT_ROWS)
  readonly #end = new Uint32Array(SEGMENT_ROWS)
  readonly #record = new Uint32Array(SEGMENT_ROWS)
  readonly #flags = new Uint8Array(SEGMENT_ROWS)
  readonly #flows: Flow[] = []
  readonly #contexts: unknown[] = []
  readonly #diagnostics = new Map<number, readonly Diagnostic[]>()

  constructor(first: number, room = SEGMENT_BYTES) {
    this.first = first
    this.#bytes = new Uint8Array(Math.max(room, SEGMENT_BYTES))
  }

  /** Empty, for packets from this number on. */
  restart(first: number): void {
    this.first = first
    this.length = 0
    this.#at = 0
    this.#diagnostics.clear()
  }

  /** The number behind its last packet's. */
  get end(): number {
    return this.first + this.length
  }

  /** Bytes set aside, used or not. */
  get size(): number {
    return this.#bytes.length
  }

  /** False, and nothing kept, where there is no room. `later`: nanoseconds between its time's origin and ours. */
  add(flow: Flow, packet: Packet, later = 0): boolean {
    const row = this.length
    const at = this.#at
    const end = at + packet.end - packet.start
    if (row === SEGMENT_ROWS || end > this.#bytes.length) return false
    copy(packet.buffer, packet.start, packet.end, this.#bytes, at)
    this.#time[row] = packet.time + later
    this.#offset[row] = packet.offset
    this.#wire[row] = packet.length
    this.#start[row] = at
    this.#end[row] = end
    this.#record[row] = packet.record
    this.#flags[row] = KINDS.indexOf(packet.kind) | (packet.side === 'server' ? FROM_SERVER : 0)
    this.#flows[row] = flow
    this.#contexts[row] = packet.context
    if (packet.diagnostics.length > 0) this.#diagnostics.set(row, packet.diagnostics)
    this.#at = end
    this.length = row + 1
    return true
  }

  /** The flow of the packet with this number, without making the packet. */
  flow(number: number): Flow {
    return this.#flows[number - this.first] as Flow
  }

  time(number: number): number {
    return this.#time[number - this.first] as number
  }

  /** A view of the segment's bytes. */
  view(number: number): KeptPacket {
    const row = number - this.first
    return this.#packet(row, this.#bytes, this.#start[row] as number, this.#end[row] as number)
  }

  /** Free of the segment, however much of it the packet fills. */
  get(number: number): KeptPacket {
    const row = number - this.first
    const bytes = this.#bytes.slice(this.#start[row], this.#end[row])
    return this.#packet(row, bytes, 0, bytes.length)
  }

  #packet(row: number, bytes: Uint8Array, start: number, end: number): KeptPacket {
    const flags = this.#flags[row] as number
    const packet = new Packet(
      KINDS[flags & 3] as PacketKind,
      (flags & FROM_SERVER) === 0 ? 'client' : 'server',
      this.#offset[row] as number,
      this.#time[row] as number,
      this.#record[row] as number,
      bytes,
      start,
      end,
      this.#wire[row] as number,
      this.#contexts[row],
      this.#diagnostics.get(row) ?? NONE,
    )
    return { flow: this.#flows[row] as Flow, packet }
  }
}

/** Up to this many bytes a loop is faster than a native call. */
const SHORT = 24

function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start > SHORT) to.set(from.subarray(start, end), at)
  else for (let index = start; index < end; index++) to[at + index - start] = from[index] as number
}
