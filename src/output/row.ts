import {
  type AnyCodec,
  base64,
  type Diagnostic,
  type Frame,
  FrameReader,
  type Packet,
  type Reading,
  type Side,
  validUtf8,
} from '../../codecs/core/index.ts'
import type { FrameRow, Tied } from '../fields/index.ts'
import { type Flow, protocolOf } from '../flow.ts'
import type { Clock } from './clock.ts'
import type { Lines } from './lines.ts'

/** What a gap's or a malformed run's row has for a type. Frames have their protocol's. */
export type RowType = 'malformed' | 'gap' | (string & {})

/**
 * One row of the frame view: a packet with everything that formats ask of it. One object serves all rows in turn, so
 * a format keeps nothing of it. A frame is read when first asked for, and then whole, so that no diagnostic is missed.
 */
export class Row implements FrameRow {
  number = 0
  tied: Tied | undefined
  readonly secrets: boolean
  readonly clock: Clock
  readonly #reader = new FrameReader()
  #flow!: Flow
  #packet!: Packet
  #reading: Reading | undefined
  #glance: Frame | undefined

  constructor(clock: Clock, secrets: boolean) {
    this.clock = clock
    this.secrets = secrets
  }

  load(number: number, flow: Flow, packet: Packet, tied?: Tied): this {
    this.number = number
    this.tied = tied
    this.#flow = flow
    this.#packet = packet
    this.#reading = undefined
    this.#glance = undefined
    return this
  }

  get flow(): Flow {
    return this.#flow
  }

  get packet(): Packet {
    return this.#packet
  }

  get protocol(): string {
    return protocolOf(this.#flow)
  }

  /** Frames only come of flows whose protocol is known; what a carrier could not take apart has none. */
  get codec(): AnyCodec {
    return this.#flow.codec as AnyCodec
  }

  get from(): Side {
    return this.#packet.side
  }

  get type(): RowType {
    const packet = this.#packet
    return packet.kind === 'frame' ? this.codec.type(packet) : packet.kind
  }

  /** Undefined for what is no frame. */
  get frame(): Frame | undefined {
    return this.#read()?.frame
  }

  /** The frame, not read further than its values are asked for. */
  get glance(): Frame | undefined {
    if (this.#packet.kind !== 'frame') return undefined
    if (this.#reading !== undefined) return this.#reading.frame
    this.#glance ??= this.#reader.read(this.codec, this.#packet).frame
    return this.#glance
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#read()?.diagnostics ?? this.#packet.diagnostics
  }

  /** Without the type. */
  get summary(): string {
    const packet = this.#packet
    if (packet.kind === 'gap') return `${packet.length} bytes that were not captured`
    if (packet.kind === 'malformed') return `${packet.length} bytes that fit no frame`
    return this.codec.summary(this.frame as Frame)
  }

  /** The summary as it stands alone. */
  get title(): string {
    const { type, summary } = this
    return summary === '' ? type : `${type} ${summary}`
  }

  /** Topic, queue, routing key, path: where the application sent it. Read no further than that takes. */
  get destination(): string | undefined {
    const { codec } = this
    if (codec?.destination === undefined || codec.destined?.has(this.type) === false) return undefined
    const frame = this.glance
    return frame && codec.destination(frame)
  }

  /** What bytes that fit no frame are, as JSON has bytes. */
  get bytes(): unknown {
    const packet = this.#packet
    if (packet.kind !== 'malformed') return undefined
    return validUtf8(packet.buffer, packet.start, packet.end) ?? { base64: base64(packet.bytes) }
  }

  /** When its last byte arrived, as JSON has it. */
  get time(): string {
    return this.clock.iso(this.#packet.time)
  }

  #read(): Reading | undefined {
    if (this.#reading === undefined && this.#packet.kind === 'frame') {
      this.#reading = this.#reader.read(this.codec, this.#packet, true)
    }
    return this.#reading
  }
}

/** How rows are written: each call writes whole lines. */
export interface RowFormat {
  open?(lines: Lines): void
  row(row: Row, lines: Lines): void
  close?(lines: Lines): void
}
