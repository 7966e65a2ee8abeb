import { other, type Side } from '../../codecs/core/index.ts'
import type { Endpoint, FlowSink } from '../flow.ts'
import { formatIPv4, formatIPv6 } from './address.ts'
import type { Idle } from './idle.ts'
import type { PacketInfo } from './packet.ts'

/**
 * One flow in the table: the addresses and ports of its first packet, which went from `a` to `b`. Compared field by
 * field, as no string is built for a packet.
 */
export abstract class Entry {
  readonly hash: number
  readonly protocol: number
  readonly v6: boolean
  readonly a0: number
  readonly a1: number
  readonly a2: number
  readonly a3: number
  readonly b0: number
  readonly b1: number
  readonly b2: number
  readonly b3: number
  readonly aPort: number
  readonly bPort: number
  readonly sideOfA: Side

  /** The next in the same bucket of the table. */
  chained: Entry | undefined
  /** Its place among those that are idle for as long. */
  idle: Idle | undefined
  older: Entry | undefined
  newer: Entry | undefined

  /** When it was last put among the newest of them. */
  touched = 0

  /** When its last packet passed. */
  time: number
  /** Whether it has been closed, and is only remembered for what may straggle in. */
  over = false

  constructor(packet: PacketInfo, hash: number, sideOfA: Side) {
    this.hash = hash
    this.protocol = packet.protocol
    this.v6 = packet.v6
    this.a0 = packet.source0
    this.a1 = packet.source1
    this.a2 = packet.source2
    this.a3 = packet.source3
    this.b0 = packet.target0
    this.b1 = packet.target1
    this.b2 = packet.target2
    this.b3 = packet.target3
    this.aPort = packet.sourcePort
    this.bPort = packet.targetPort
    this.sideOfA = sideOfA
    this.time = packet.time
  }

  /** Who sent the packet; undefined if it is of another flow. */
  sender(packet: PacketInfo): Side | undefined {
    if (this.protocol !== packet.protocol || this.v6 !== packet.v6) return undefined
    if (this.aPort === packet.sourcePort && this.bPort === packet.targetPort && this.#along(packet)) {
      return this.sideOfA
    }
    if (this.aPort === packet.targetPort && this.bPort === packet.sourcePort && this.#against(packet)) {
      return other(this.sideOfA)
    }
    return undefined
  }

  /** Ends what has not ended, at the time of its last packet. */
  abstract close(): void

  /** What somebody wrote about the packet of `side` that comes next. */
  abstract remark(side: Side, text: string): void

  #along(p: PacketInfo): boolean {
    if (this.a0 !== p.source0 || this.b0 !== p.target0) return false
    if (!this.v6) return true
    const source = this.a1 === p.source1 && this.a2 === p.source2 && this.a3 === p.source3
    return source && this.b1 === p.target1 && this.b2 === p.target2 && this.b3 === p.target3
  }

  #against(p: PacketInfo): boolean {
    if (this.a0 !== p.target0 || this.b0 !== p.source0) return false
    if (!this.v6) return true
    const source = this.a1 === p.target1 && this.a2 === p.target2 && this.a3 === p.target3
    return source && this.b1 === p.source1 && this.b2 === p.source2 && this.b3 === p.source3
  }
}

/** The same for both directions. */
export function hashOf(p: PacketInfo): number {
  let source = p.sourcePort ^ p.source0
  let target = p.targetPort ^ p.target0
  if (p.v6) {
    source = words(source, p.source1, p.source2, p.source3)
    target = words(target, p.target1, p.target2, p.target3)
  }
  // What fits a small integer is compared without a detour.
  return (mix(source) + mix(target) + p.protocol) & 0x3fff_ffff
}

function words(start: number, first: number, second: number, third: number): number {
  return mix(mix(mix(start) ^ first) ^ second) ^ third
}

function mix(word: number): number {
  const first = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b)
  return Math.imul(first ^ (first >>> 13), 0xc2b2_ae35) ^ (first >>> 16)
}

export function sourceOf(p: PacketInfo): Endpoint {
  const host = p.v6 ? formatIPv6(p.source0, p.source1, p.source2, p.source3) : formatIPv4(p.source0)
  return { host, port: p.sourcePort }
}

export function targetOf(p: PacketInfo): Endpoint {
  const host = p.v6 ? formatIPv6(p.target0, p.target1, p.target2, p.target3) : formatIPv4(p.target0)
  return { host, port: p.targetPort }
}

/** Where the flows lead that are over: nobody listens, and nothing is kept alive. */
export const NOWHERE: FlowSink = {
  data() {},
  gap() {},
  end() {},
  close() {},
}
