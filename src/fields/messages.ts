import {
  type AnyCodec,
  type Diagnostic,
  type Frame,
  FrameReader,
  type Message,
  type Packet,
  type Side,
} from '../../codecs/core/index.ts'
import { type Flow, protocolOf } from '../flow.ts'
import { type Payload, type Payloads, payloadToJson } from '../payload/index.ts'
import type { Field, Fields, Test } from './field.ts'
import { type FrameRow, frameFields } from './frames.ts'
import { type Iso, type RecordRow, recordFields, valuesOf } from './record.ts'
import { MESSAGE } from './shapes.ts'

/** One application message. */
export class MessageRow implements RecordRow {
  readonly message: number
  readonly source: Message
  readonly carrier: Flow
  readonly #iso: Iso
  readonly #payloads: Payloads
  #content: Payload | undefined

  constructor(number: number, flow: Flow, source: Message, iso: Iso, payloads: Payloads) {
    this.message = number
    this.carrier = flow
    this.source = source
    this.#iso = iso
    this.#payloads = payloads
  }

  get flow(): number {
    return this.carrier.id
  }

  /** When it was whole. */
  get time(): string {
    return this.#iso(this.source.time)
  }

  get protocol(): string {
    return protocolOf(this.carrier)
  }

  get from(): Side {
    return this.source.side
  }

  get direction(): string {
    return this.source.direction
  }

  get address(): string | undefined {
    return this.source.address
  }

  get destination(): Readonly<Record<string, unknown>> {
    return this.source.destination
  }

  get properties(): Readonly<Record<string, unknown>> {
    return this.source.properties
  }

  get contentType(): string | undefined {
    return this.source.contentType
  }

  get size(): number {
    return this.source.size
  }

  get body(): unknown {
    return this.content.value
  }

  get payload(): object | undefined {
    return payloadToJson(this.content).payload
  }

  get frames(): readonly number[] {
    return this.source.frames
  }

  get whole(): false | undefined {
    return this.source.whole ? undefined : false
  }

  toJSON(): Record<string, unknown> {
    return valuesOf(this, MESSAGE)
  }

  /** What the body holds. */
  get content(): Payload {
    const { body: bytes, contentType, contentEncoding, address: destination } = this.source
    this.#content ??= this.#payloads.decode({ bytes, contentType, contentEncoding, destination })
    return this.#content
  }
}

/** A message has what its row shows, and what its frames have. */
export function messageFields(codecs: readonly AnyCodec[], secrets: boolean): Fields<MessageRow> {
  const own = recordFields<MessageRow>('message', MESSAGE, [...new Set(codecs.map(({ id }) => id))])
  const frames = frameFields(codecs)
  const view = new FrameOfMessage(secrets)
  return {
    find: path => {
      const mine = own.find(path)
      if (mine !== undefined) return mine
      const theirs = frames.find(path)
      return theirs && inFrames(theirs, view)
    },
    test: path => {
      const mine = own.test(path)
      if (mine !== undefined) return mine
      const theirs = frames.test(path)
      return theirs && anyFrame(theirs, view)
    },
    names: [...own.names, ...frames.names.filter(({ name }) => name.includes('.'))],
  }
}

const inFrames = (field: Field<FrameRow>, view: FrameOfMessage): Field<MessageRow> => ({
  ...field,
  get: row => {
    for (const packet of row.source.packets) {
      const value = field.get(view.load(row, packet))
      if (value !== undefined) return value
    }
    return undefined
  },
})

const anyFrame = (test: Test<FrameRow>, view: FrameOfMessage): Test<MessageRow> => ({
  ...test,
  matches: row => row.source.packets.some(packet => test.matches(view.load(row, packet))),
})

/** One of a message's packets, as filters see frames. One object serves all in turn. */
class FrameOfMessage implements FrameRow {
  readonly secrets: boolean
  readonly #reader = new FrameReader()
  #row!: MessageRow
  packet!: Packet
  #glance: Frame | undefined

  constructor(secrets: boolean) {
    this.secrets = secrets
  }

  load(row: MessageRow, packet: Packet): this {
    if (this.packet !== packet) this.#glance = undefined
    this.#row = row
    this.packet = packet
    return this
  }

  get number(): number {
    return this.#row.frames[0] as number
  }

  get flow(): Flow {
    return this.#row.carrier
  }

  get codec(): AnyCodec {
    return this.#row.carrier.codec as AnyCodec
  }

  get from(): Side {
    return this.packet.side
  }

  get type(): string {
    return this.codec.type(this.packet)
  }

  get time(): string {
    return this.#row.time
  }

  get title(): string {
    const summary = this.codec.summary(this.glance)
    return summary === '' ? this.type : `${this.type} ${summary}`
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#reader.read(this.codec, this.packet, true).diagnostics
  }

  readonly bytes = undefined

  get glance(): Frame {
    const glance = this.#glance ?? this.#reader.read(this.codec, this.packet).frame
    this.#glance = glance
    return glance
  }
}
