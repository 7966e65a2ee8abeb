import {
  type DriveOptions,
  openDelivery,
  type Packet,
  type Pen,
  type Settlement,
  u16At,
  utf8,
} from '../../core/index.ts'
import type { MqttFrame } from '../frames.ts'
import type { MqttContext } from '../header.ts'
import { varintAt } from '../primitives.ts'
import { RESPONSE_TOPIC } from '../property-table.ts'
import { findProperty } from '../scan.ts'
import { FAILURE, PUBACK, PUBREC, type Version } from '../tables.ts'
import { putAcknowledgement } from './acknowledgement.ts'
import type { Sources } from './sources.ts'

/** Added to packet identifiers of deliveries at QoS 2, to tell how they are answered. */
const QOS_2 = 0x1_0000

/** As the length of a section that is not there: of nothing, in no bytes. */
const NO_PROPERTIES = 0

/** Messages that come, and how they are acknowledged. */
export class Deliveries {
  readonly #options: DriveOptions
  readonly #pen: Pen<MqttFrame>
  readonly #sources: Sources
  readonly #version: Version
  /** In the order in which they came. Made when there are any: there may be very many clients that never have. */
  #unsettled: Set<number> | undefined
  readonly #delivery = openDelivery()

  constructor(options: DriveOptions, pen: Pen<MqttFrame>, sources: Sources, version: Version) {
    this.#options = options
    this.#pen = pen
    this.#sources = sources
    this.#version = version
  }

  published(packet: Packet<MqttContext>): void {
    const { buffer, start, end } = packet
    const { listener, settles } = this.#options
    const first = buffer[start] as number
    const qos = (first >> 1) & 3
    const topicAt = start + 3 + (varintAt(buffer, start + 1, end) & 7)
    const topicEnd = topicAt + u16At(buffer, topicAt - 2)
    let at = topicEnd
    const packetId = qos === 0 ? 0 : u16At(buffer, at)
    if (qos > 0) at += 2
    const packed = this.#version === 5 ? varintAt(buffer, at, end) : NO_PROPERTIES
    const propertiesAt = at + (packed & 7)
    at = propertiesAt + (packed >>> 3)
    if (packed < 0 || !(at <= end)) {
      listener.failed('its PUBLISH is malformed')
      return
    }
    const delivery = this.#delivery
    delivery.replyTo = at > propertiesAt ? responseTopicAt(buffer, propertiesAt, at) : undefined
    const id = qos === 0 ? -1 : qos === 2 ? QOS_2 + packetId : packetId
    delivery.bytes = buffer
    delivery.start = at
    delivery.end = end
    delivery.size = start + packet.length - at
    delivery.source = this.#sources.of(buffer, topicAt, topicEnd, packet.context.topic)
    delivery.redelivered = (first & 8) !== 0
    // The protocol wants it acknowledged, also where nobody settles [4.3]; nobody settles answers.
    const kept = settles && delivery.source >= 0
    delivery.id = kept ? id : -1
    if (id >= 0 && kept) {
      this.#unsettled ??= new Set()
      this.#unsettled.add(id)
    } else if (id >= 0) this.#answer(id, 'accept')
    listener.delivered(delivery)
  }

  /** In the order in which they came [4.6]. */
  settle(id: number, how: Settlement, upTo: boolean): void {
    const unsettled = this.#unsettled
    if (unsettled === undefined || !unsettled.has(id)) return
    if (upTo) {
      for (const each of unsettled) {
        if (each === id) break
        unsettled.delete(each)
        this.#answer(each, how)
      }
    }
    unsettled.delete(id)
    this.#answer(id, how)
  }

  #answer(id: number, how: Settlement): void {
    const qos2 = id >= QOS_2
    const packetId = qos2 ? id - QOS_2 : id
    // Only MQTT 5 has a way to say no [3.4.2.1].
    if (how === 'accept' || this.#version < 5) {
      putAcknowledgement(this.#options.outbox, qos2 ? PUBREC : PUBACK, packetId)
    } else this.#pen.send({ type: qos2 ? 'pubrec' : 'puback', packetId, reasonCode: FAILURE })
  }
}

/** Where the sender wants the answer [3.3.2.3.5], of the properties at [at, end). */
function responseTopicAt(bytes: Uint8Array, at: number, end: number): string | undefined {
  const value = findProperty(bytes, at, end, RESPONSE_TOPIC)
  if (value < 0 || value + 2 > end) return undefined
  return utf8(bytes, value + 2, Math.min(end, value + 2 + u16At(bytes, value)))
}
