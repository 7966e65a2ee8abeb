import { type Dialogue, type Joined, other, type Packet, Reader, type Side } from '../core/index.ts'
import type { ReliableFrame } from './frames.ts'
import { CSM } from './tables.ts'

/** What reading a message over a reliable transport depends on. */
export interface Connection {
  /** The sender's first message: it is a CSM. */
  readonly first: boolean
  /** The most bytes that the receiver takes; undefined where nobody saw what it said. */
  readonly maxMessageSize: number | undefined
}

/** How messages stand on a reliable transport: a stream, or one in each WebSocket message. */
export interface Framing {
  /** Undefined where the message ends before it. */
  codeOf(packet: Packet<Connection>): number | undefined
  read(reader: Reader, connection: Connection): ReliableFrame
}

/** Before a CSM says otherwise [RFC 8323 §5.3.1]. */
const BASE_SIZE = 1152

const reader = new Reader()

/** Learns from the CSMs of each side what the other may send. */
export class Capabilities implements Dialogue<Connection> {
  readonly #connections: Record<Side, Connection>
  readonly #framing: Framing

  constructor(joined: Joined, framing: Framing) {
    const opening = { first: true, maxMessageSize: BASE_SIZE }
    const connection = joined === 'start' ? opening : { first: false, maxMessageSize: undefined }
    this.#connections = { client: connection, server: connection }
    this.#framing = framing
  }

  context(side: Side): Connection {
    return this.#connections[side]
  }

  follow(packet: Packet<Connection>): void {
    const { side, context } = packet
    if (this.#connections[side].first) this.#connections[side] = { ...this.#connections[side], first: false }
    if (this.#framing.codeOf(packet) !== CSM) return
    const { maxMessageSize } = this.#framing.read(reader.open(packet), context).options.fields
    if (maxMessageSize === undefined) return
    const receiver = other(side)
    this.#connections[receiver] = { ...this.#connections[receiver], maxMessageSize }
  }
}
