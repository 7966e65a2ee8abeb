import type { Side } from '../../codecs/core/index.ts'
import type { FlowSink } from '../flow.ts'
import { Entry, NOWHERE } from './entry.ts'
import type { PacketInfo } from './packet.ts'

/** The last datagram that a side sent: enough to know its copy by. */
interface Last {
  time: number
  length: number
  digest: number
  identification: number
  /** From where it has been seen. */
  vantages: number[]
}

/** A copy of a datagram, from another interface that it passed, comes at once; a retransmission takes longer. */
const COPY_TIME = 50e6

/** UDP between two addresses and ports. */
export class Datagrams extends Entry {
  #sink: FlowSink
  readonly #last: Record<Side, Last> = { client: unseen(), server: unseen() }

  constructor(packet: PacketInfo, hash: number, sideOfA: Side, sink: FlowSink) {
    super(packet, hash, sideOfA)
    this.#sink = sink
  }

  /** Takes a datagram. False if the capture holds it twice, and this is the copy. */
  packet(packet: PacketInfo, side: Side): boolean {
    const { time, length, bytes, at, end } = packet
    this.time = time
    if (this.#copy(packet, this.#last[side])) return false
    if (at < end || length === 0)
      this.#sink.data(side, bytes.subarray(at, end), time, packet.record, length - (end - at))
    else this.#sink.gap(side, length, time, packet.record)
    return true
  }

  close(): void {
    if (this.over) return
    this.over = true
    this.#sink.close(this.time)
    this.#sink = NOWHERE
  }

  remark(side: Side, text: string): void {
    this.#sink.remark?.(side, text)
  }

  /**
   * IPv4 numbers its datagrams, unless they need no number (RFC 6864); else a copy is known by having been seen from
   * elsewhere.
   */
  #copy(packet: PacketInfo, last: Last): boolean {
    const { time, length, identification, vantage } = packet
    const digest = digestOf(packet)
    const same =
      time - last.time <= COPY_TIME &&
      length === last.length &&
      digest === last.digest &&
      identification === last.identification &&
      (identification !== 0 || !last.vantages.includes(vantage))
    if (same) {
      last.vantages.push(vantage)
      return true
    }
    last.time = time
    last.length = length
    last.digest = digest
    last.identification = identification
    last.vantages = [vantage]
    return false
  }
}

const unseen = (): Last => ({
  time: Number.NEGATIVE_INFINITY,
  length: -1,
  digest: 0,
  identification: 0,
  vantages: [],
})

/** FNV-1a over as much of the payload as tells datagrams apart. */
function digestOf({ bytes, at, end }: PacketInfo): number {
  let digest = 0x811c_9dc5
  const stop = Math.min(end, at + 256)
  for (let index = at; index < stop; index++) digest = Math.imul(digest ^ (bytes[index] as number), 0x0100_0193)
  return digest
}
