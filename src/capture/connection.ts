import { other, type Side } from '../../codecs/core/index.ts'
import type { FlowSink } from '../flow.ts'
import { Entry, NOWHERE } from './entry.ts'
import { ACK, FIN, type PacketInfo, RST, SYN } from './packet.ts'
import { Reassembly, type Shared } from './tcp.ts'

/** How far a connection has come, as far as it decides how long its silence is borne. */
export type Stage = 'half-open' | 'open' | 'closed'

/** A TCP connection: two directions, and what they tell each other. */
export class Connection extends Entry {
  stage: Stage = 'half-open'
  #client: Reassembly | Remains
  #server: Reassembly | Remains
  /** Whether the capture holds its beginning. */
  readonly #fromStart: boolean
  #sink: FlowSink
  /** When a RST broke it off. */
  #reset: number | undefined

  constructor(packet: PacketInfo, hash: number, sideOfA: Side, sink: FlowSink, shared: Shared) {
    super(packet, hash, sideOfA)
    this.#sink = sink
    const ended = (): void => this.#ended()
    this.#client = new Reassembly('client', sink, shared, ended)
    this.#server = new Reassembly('server', sink, shared, ended)
    this.#fromStart = (packet.flags & SYN) !== 0
  }

  /** Whether this packet, of the same addresses and ports, belongs to another connection than this one. */
  replacedBy(packet: PacketInfo, side: Side): boolean {
    const { flags, sequence } = packet
    const own = this.#of(side)
    if ((flags & (SYN | RST)) === SYN) {
      // The same sequence number again is a retransmission, or a copy seen on another interface.
      if (own.initial !== undefined) return own.initial !== sequence
      // The other side's SYN has told where this one begins, or it is of a connection that is over.
      return own.started ? own.ahead(sequence + 1) !== 0 : !this.#fromStart
    }
    // Bytes beyond the end of a connection that is over: its successor, whose SYN the capture lacks.
    return this.over && own.started && packet.length > 0 && (flags & RST) === 0 && own.ahead(sequence) > 0
  }

  /** Takes a packet of this connection that `side` sent. */
  packet(packet: PacketInfo, side: Side): void {
    const { flags, time, record } = packet
    this.time = time
    const own = this.#of(side)
    const peer = this.#of(other(side))
    if (own instanceof Remains || peer instanceof Remains) return
    if ((flags & (ACK | RST)) === ACK) {
      // Whose SYN is not in the capture begins where the first acknowledgement of the handshake says.
      if (!peer.started && this.#fromStart) peer.start(packet.acknowledgement)
      else peer.acknowledge(packet.acknowledgement)
    }
    let { sequence } = packet
    if ((flags & SYN) !== 0) {
      own.initial = sequence
      sequence = (sequence + 1) | 0
      if (!own.started) own.start(sequence)
    }
    if (packet.missing > 0) own.lose(packet.missing, sequence, time, record)
    const { length } = packet
    if ((flags & RST) !== 0) {
      this.#broken(own, peer, packet)
    } else {
      if (length > 0) own.segment(packet, sequence)
      if ((flags & FIN) !== 0) own.finish((sequence + length) | 0, 'fin', time, record)
      if (this.stage === 'half-open' && (flags & (SYN | ACK)) !== SYN) this.stage = 'open'
    }
    if (own.stalled) own.tick(time, record)
    if (peer.stalled) peer.tick(time, record)
  }

  close(): void {
    for (const direction of [this.#client, this.#server]) {
      if (direction instanceof Remains) return
      if (this.#reset === undefined) direction.flush('lost', this.time)
      else direction.flush('reset', this.#reset)
    }
  }

  /**
   * Its sender will send no more. What the other side had on its way may still come, so that one ends later; unless
   * nothing ever came of the connection.
   */
  #broken(own: Reassembly, peer: Reassembly, { sequence, time, record }: PacketInfo): void {
    this.#reset ??= time
    const refused = this.stage === 'half-open' && peer.empty
    this.stage = 'closed'
    own.finish(sequence, 'reset', time, record)
    if (refused) this.close()
  }

  /** A direction has ended; with the other one the connection has. */
  #ended(): void {
    const [client, server] = [this.#client, this.#server]
    if (client instanceof Remains || server instanceof Remains || !client.ended || !server.ended) return
    this.over = true
    this.stage = 'closed'
    this.#sink.close(this.time)
    this.#sink = NOWHERE
    this.#client = new Remains(client)
    this.#server = new Remains(server)
  }

  remark(side: Side, text: string): void {
    this.#sink.remark?.(side, text)
  }

  #of(side: Side): Reassembly | Remains {
    return side === 'client' ? this.#client : this.#server
  }
}

/** What is remembered of a direction that is over: enough to tell its stragglers from a successor's packets. */
class Remains {
  readonly initial: number | undefined
  readonly started: boolean
  readonly #next: number

  constructor({ initial, started, next }: Reassembly) {
    this.initial = initial
    this.started = started
    this.#next = next
  }

  ahead(sequence: number): number {
    return (sequence - this.#next) | 0
  }
}
