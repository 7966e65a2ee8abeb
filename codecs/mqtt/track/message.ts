import { hex, type Message, OnePacketMessage, type Packet, toJson, validUtf8 } from '../../core/index.ts'
import type { Publish } from '../frames.ts'
import type { MqttContext } from '../header.ts'

/** The application message of one PUBLISH. */
export class PublishedMessage extends OnePacketMessage<MqttContext> implements Message {
  readonly #frame: Publish

  constructor(frame: Publish, packet: Packet<MqttContext>, number: number) {
    super(packet, number)
    this.#frame = frame
  }

  get direction(): Message['direction'] {
    return this.side === 'client' ? 'publish' : 'deliver'
  }

  get destination(): Readonly<Record<string, unknown>> {
    return this.#frame.topic === '' ? {} : { topic: this.#frame.topic }
  }

  get address(): string | undefined {
    return this.#frame.topic === '' ? undefined : this.#frame.topic
  }

  get properties(): Readonly<Record<string, unknown>> {
    const { qos, retain, dup, packetId, properties = {} } = this.#frame
    const own = packetId === undefined ? { qos, retain, dup } : { qos, retain, dup, packetId }
    return { ...own, ...(toJson(properties) as object) }
  }

  get contentType(): string | undefined {
    return this.#frame.properties?.contentType
  }

  /** Binary data; in hexadecimal where it is no text. */
  get correlationId(): string | undefined {
    const data = this.#frame.properties?.correlationData
    return data === undefined ? undefined : (validUtf8(data) ?? hex(data))
  }

  get replyTo(): string | undefined {
    return this.#frame.properties?.responseTopic
  }

  get repeated(): boolean {
    return this.#frame.dup
  }

  header(name: string): string | undefined {
    return this.#frame.properties?.userProperties?.find(property => property.name === name)?.value
  }

  get body(): Uint8Array {
    return this.#frame.payload
  }

  get size(): number {
    return this.#frame.payload.length + this.missing
  }
}
