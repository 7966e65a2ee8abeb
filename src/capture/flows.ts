import type { Joined, Side } from '../../codecs/core/index.ts'
import type { FlowSink, Sink } from '../flow.ts'
import type { FlowMeta } from '../metadata.ts'
import { Announced, type AnnouncedFlow } from './announced.ts'
import { Budget } from './budget.ts'
import { Connection } from './connection.ts'
import { Datagrams } from './datagrams.ts'
import { type Entry, hashOf, sourceOf, targetOf } from './entry.ts'
import { Idle } from './idle.ts'
import type { CaptureLimits } from './limits.ts'
import { ACK, type PacketInfo, RST, SYN } from './packet.ts'
import type { Shared } from './tcp.ts'

/** How often silent flows are looked for, in the capture's own time. */
const SWEEP = 1e9
/** A power of two. */
const RECENT = 1024

/** All flows of a capture, found by their packets' addresses and ports, and let go by their silence. */
export class FlowTable {
  /** Flows opened so far. */
  opened = 0
  /** Flows given up because there were too many. */
  evicted = 0

  readonly #sink: Sink
  readonly #ports: ReadonlySet<number>
  readonly #limits: CaptureLimits
  readonly #shared: Shared
  readonly #announced = new Announced()
  readonly #table = new Map<number, Entry>()
  readonly #halfOpen: Idle
  readonly #open = new Idle(Number.POSITIVE_INFINITY)
  readonly #datagrams: Idle
  readonly #closed: Idle
  #nextSweep = Number.NEGATIVE_INFINITY
  /** Most packets are of one of a few flows: those seen last, by what their ports come to in either direction. */
  readonly #recent = new Array<Entry | undefined>(RECENT).fill(undefined)
  /** Who sent the packet of the flow that was found. */
  #side: Side = 'client'

  constructor(sink: Sink, ports: ReadonlySet<number>, limits: CaptureLimits) {
    this.#sink = sink
    this.#ports = ports
    this.#limits = limits
    this.#shared = { limits, budget: new Budget(limits.totalBytes) }
    this.#halfOpen = new Idle(limits.halfOpenTime)
    this.#datagrams = new Idle(limits.datagramTime)
    this.#closed = new Idle(limits.closedTime)
  }

  /** What a recording says of a flow whose packets come next, which began at `started`. */
  announce(flow: FlowMeta, started: number): void {
    this.#announced.add(flow, started)
  }

  tcp(packet: PacketInfo): void {
    this.#sweep(packet)
    let entry = this.#find(packet) as Connection | undefined
    let side = this.#side
    if (entry?.replacedBy(packet, side) === true) {
      this.#remove(entry)
      entry = undefined
    }
    if (entry === undefined) {
      // A RST of a connection that nothing is known of tells nothing.
      if ((packet.flags & RST) !== 0) return
      const syn = (packet.flags & SYN) !== 0
      const told = this.#announced.of(packet, 'stream')
      side = told?.sender ?? (syn ? ((packet.flags & ACK) === 0 ? 'client' : 'server') : this.#guessSender(packet))
      const sink = this.#openFlow(packet, 'stream', side, syn ? 'start' : 'middle', told?.flow)
      entry = new Connection(packet, hashOf(packet), side, sink, this.#shared)
      this.#add(entry)
    }
    for (const text of packet.remarks) entry.remark(side, text)
    entry.packet(packet, side)
    this.#connectionIdle(entry).touch(entry)
  }

  /** False if the datagram is a copy of the one before. */
  udp(packet: PacketInfo): boolean {
    this.#sweep(packet)
    let entry = this.#find(packet) as Datagrams | undefined
    let side = this.#side
    if (entry === undefined) {
      const told = this.#announced.of(packet, 'datagram')
      side = told?.sender ?? this.#guessSender(packet)
      const sink = this.#openFlow(packet, 'datagram', side, told?.flow.joined ?? 'start', told?.flow)
      entry = new Datagrams(packet, hashOf(packet), side, sink)
      this.#add(entry)
    }
    this.#datagrams.touch(entry)
    for (const text of packet.remarks) entry.remark(side, text)
    return entry.packet(packet, side)
  }

  /** Nothing more will come. Closes in the order of last packets. */
  close(): void {
    const live: Entry[] = []
    for (const idle of [this.#halfOpen, this.#open, this.#datagrams, this.#closed]) {
      for (let entry = idle.oldest; entry !== undefined; entry = entry.newer) if (!entry.over) live.push(entry)
    }
    for (const entry of live.sort((a, b) => a.time - b.time)) entry.close()
  }

  #find(packet: PacketInfo): Entry | undefined {
    const slot = (packet.sourcePort ^ packet.targetPort) & (RECENT - 1)
    const recent = this.#recent[slot]
    let side = recent?.sender(packet)
    if (side !== undefined) {
      this.#side = side
      return recent
    }
    for (let entry = this.#table.get(hashOf(packet)); entry !== undefined; entry = entry.chained) {
      side = entry.sender(packet)
      if (side === undefined) continue
      this.#side = side
      this.#recent[slot] = entry
      return entry
    }
    return undefined
  }

  #openFlow(
    packet: PacketInfo,
    transport: 'stream' | 'datagram',
    sender: Side,
    joined: Joined,
    told: AnnouncedFlow | undefined,
  ): FlowSink {
    const source = sourceOf(packet)
    const target = targetOf(packet)
    this.opened++
    return this.#sink.open({
      client: sender === 'client' ? source : target,
      server: sender === 'client' ? target : source,
      started: packet.time,
      ...told,
      id: this.#announced.number(told?.id),
      transport,
      joined,
    })
  }

  /** Without a handshake: the server is where a known service is, else where the lower port is. */
  #guessSender({ sourcePort, targetPort }: PacketInfo): Side {
    const known = this.#ports.has(sourcePort)
    if (known !== this.#ports.has(targetPort)) return known ? 'server' : 'client'
    return sourcePort < targetPort ? 'server' : 'client'
  }

  #connectionIdle(entry: Connection): Idle {
    if (entry.stage === 'open') return this.#open
    return entry.stage === 'closed' ? this.#closed : this.#halfOpen
  }

  #add(entry: Entry): void {
    entry.chained = this.#table.get(entry.hash)
    this.#table.set(entry.hash, entry)
    this.#recent[(entry.aPort ^ entry.bPort) & (RECENT - 1)] = entry
    while (this.#closed.size > this.#limits.flows) this.#remove(this.#closed.oldest as Entry)
    while (this.#halfOpen.size + this.#open.size + this.#datagrams.size >= this.#limits.flows) this.#evict()
  }

  /** Those first of which least is to be expected. */
  #evict(): void {
    const idle = [this.#halfOpen, this.#datagrams, this.#open].find(({ size }) => size > this.#limits.flows / 4) as Idle
    const entry = idle.oldest as Entry
    if (!entry.over) this.evicted++
    this.#remove(entry)
  }

  #remove(entry: Entry): void {
    entry.close()
    entry.idle?.remove(entry)
    const slot = (entry.aPort ^ entry.bPort) & (RECENT - 1)
    if (this.#recent[slot] === entry) this.#recent[slot] = undefined
    const head = this.#table.get(entry.hash)
    if (head === entry) {
      if (entry.chained === undefined) this.#table.delete(entry.hash)
      else this.#table.set(entry.hash, entry.chained)
      return
    }
    for (let at = head; at !== undefined; at = at.chained) {
      if (at.chained === entry) at.chained = entry.chained
    }
  }

  #sweep({ time, record }: PacketInfo): void {
    // A clock that was set back begins anew.
    if (time < this.#nextSweep && time > this.#nextSweep - 2 * SWEEP) return
    this.#nextSweep = time + SWEEP
    for (const idle of [this.#halfOpen, this.#datagrams, this.#closed]) {
      for (let entry = idle.oldest; entry !== undefined && time - entry.time > idle.limit; entry = idle.oldest) {
        this.#remove(entry)
      }
    }
    for (const holder of this.#shared.budget.holders) holder.tick(time, record)
  }
}
