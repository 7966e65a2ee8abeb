import {
  type DriveOptions,
  type Driver,
  InFlight,
  type Outgoing,
  type Packet,
  Pen,
  type Plate,
  Reader,
  type Settlement,
  u16At,
} from '../../core/index.ts'
import type { Connack, Disconnect, MqttFrame, Suback } from '../frames.ts'
import type { MqttContext } from '../header.ts'
import { varintAt } from '../primitives.ts'
import type { Properties } from '../properties.ts'
import { readPacket } from '../read.ts'
import {
  CONNACK,
  DISCONNECT,
  FAILURE,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  SUBACK,
  type Version,
} from '../tables.ts'
import { writePacket } from '../write.ts'
import { putAcknowledgement } from './acknowledgement.ts'
import { Deliveries } from './deliveries.ts'
import { connectOf, levelOf, qosOf } from './options.ts'
import { Sources } from './sources.ts'

interface MqttPlate extends Plate {
  /** Where the packet identifier stands; 0 at QoS 0, where there is none. */
  readonly idAt: number
}

/** The one SUBSCRIBE; what is published has lower identifiers. */
const SUBSCRIPTION = 65_535
/** Most that may be under way at once [4.9]: a power of two that there are packet identifiers for. */
const MOST_IN_FLIGHT = 32_768
const NO_MATCHING_SUBSCRIBERS = 0x10

/** A client of MQTT 3.1, 3.1.1 or 5. */
export class MqttDriver implements Driver<MqttContext> {
  readonly #options: DriveOptions
  readonly #version: Version
  readonly #qos: 0 | 1 | 2
  readonly #pen: Pen<MqttFrame>
  readonly #inFlight: InFlight
  /** How many the server takes at once [3.2.2.3.3]. */
  #receiveMaximum = SUBSCRIPTION
  #open = 0
  #keepAlive: number | undefined
  readonly #sources: Sources
  readonly #deliveries: Deliveries

  constructor(options: DriveOptions) {
    this.#options = options
    this.#version = levelOf(options)
    this.#qos = qosOf(options.settings)
    const context: MqttContext = { version: this.#version, guessed: false, topic: undefined }
    this.#pen = new Pen(options.outbox, (writer, frame) => writePacket(writer, frame, context))
    this.#inFlight = new InFlight(Math.min(options.inFlight, MOST_IN_FLIGHT))
    this.#sources = new Sources(options)
    this.#deliveries = new Deliveries(options, this.#pen, this.#sources, this.#version)
    this.#keepAlive = options.keepAlive === 0 ? undefined : options.keepAlive * 500
  }

  get keepAlive(): number | undefined {
    return this.#keepAlive
  }

  get replyTo(): string | undefined {
    return this.#sources.replyTo
  }

  get room(): number {
    return this.#qos === 0
      ? Number.POSITIVE_INFINITY
      : Math.min(this.#inFlight.room, this.#options.inFlight - this.#open, this.#receiveMaximum - this.#open)
  }

  start(): void {
    this.#pen.send(connectOf(this.#options))
  }

  plate({ destination, body, contentType, replyTo, headers = {}, settings }: Outgoing): MqttPlate {
    const { retain, messageExpiry } = settings ?? this.#options.settings
    const user = Object.entries(headers)
    const properties: Properties = {
      ...(messageExpiry === undefined ? {} : { messageExpiryInterval: Number(messageExpiry) }),
      ...(contentType === undefined ? {} : { contentType }),
      ...(replyTo === undefined ? {} : { responseTopic: replyTo }),
      ...(user.length === 0 ? {} : { userProperties: user.map(([name, value]) => ({ name, value })) }),
    }
    const bytes = this.#pen.encode({
      type: 'publish',
      dup: false,
      qos: this.#qos,
      retain: retain === true,
      topic: destination,
      packetId: 0,
      ...(this.#version === 5 ? { properties } : {}),
      payload: body,
    })
    const topicAt = 1 + (varintAt(bytes, 1, bytes.length) & 7)
    const idAt = this.#qos === 0 ? 0 : topicAt + 2 + u16At(bytes, topicAt)
    return { bytes, idAt, bodyAt: bytes.length - body.length }
  }

  publish({ bytes, idAt, bodyAt }: MqttPlate): number {
    const { outbox } = this.#options
    const at = outbox.put(bytes)
    outbox.bodyAt = at + bodyAt
    outbox.end()
    if (idAt === 0) return -1
    const slot = this.#inFlight.open()
    // A slot is free when its message is acknowledged: so is the packet identifier [2.2.1].
    const id = slot + 1
    this.#open++
    outbox.bytes[at + idAt] = id >>> 8
    outbox.bytes[at + idAt + 1] = id
    return slot
  }

  hear(packet: Packet<MqttContext>): void {
    const { buffer, start, end } = packet
    switch ((buffer[start] as number) >> 4) {
      case PUBACK:
      case PUBCOMP:
        this.#answered(buffer, start, end)
        break
      case PUBREC:
        this.#received(buffer, start, end)
        break
      case PUBLISH:
        this.#deliveries.published(packet)
        break
      case PUBREL:
        putAcknowledgement(this.#options.outbox, PUBCOMP, idOf(buffer, start))
        break
      case CONNACK:
        this.#connected(read(packet) as Connack)
        break
      case SUBACK:
        this.#subscribed(read(packet) as Suback)
        break
      case DISCONNECT: {
        const { reasonName = 'DISCONNECT', properties } = read(packet) as Disconnect
        this.#options.listener.failed(properties?.reasonString ?? reasonName)
        break
      }
    }
  }

  settle(id: number, how: Settlement, upTo: boolean): void {
    this.#deliveries.settle(id, how, upTo)
  }

  alive(): void {
    this.#pen.send({ type: 'pingreq' })
  }

  leave(): void {
    this.#pen.send({ type: 'disconnect' })
    this.#options.listener.left()
  }

  #connected({ reasonCode, reasonName = '', properties }: Connack): void {
    const { listener } = this.#options
    if (reasonCode !== 0) {
      listener.failed(properties?.reasonString ?? reasonName)
      return
    }
    this.#receiveMaximum = properties?.receiveMaximum ?? SUBSCRIPTION
    const { serverKeepAlive } = properties ?? {}
    if (serverKeepAlive !== undefined) this.#keepAlive = serverKeepAlive === 0 ? undefined : serverKeepAlive * 500
    const { filters } = this.#sources
    if (filters.length === 0) {
      listener.ready()
      return
    }
    const { noLocal } = this.#options.settings
    this.#pen.send({
      type: 'subscribe',
      packetId: SUBSCRIPTION,
      ...(this.#version === 5 ? { properties: {} } : {}),
      subscriptions: filters.map(topicFilter => ({ topicFilter, qos: this.#qos, noLocal: noLocal === true })),
    })
  }

  #subscribed({ reasonCodes }: Suback): void {
    const { listener } = this.#options
    const at = reasonCodes.findIndex(code => code >= FAILURE)
    if (at >= 0)
      listener.failed(`no subscription to ${this.#sources.filters[at]}: reason code 0x${reasonCodes[at]?.toString(16)}`)
    else listener.ready()
  }

  /** PUBACK and PUBCOMP; the reason code may be left out [3.4.2.1]. */
  #answered(bytes: Uint8Array, start: number, end: number): void {
    const code = end - start > 4 ? (bytes[start + 4] as number) : 0
    this.#close(idOf(bytes, start), code)
  }

  #received(bytes: Uint8Array, start: number, end: number): void {
    const id = idOf(bytes, start)
    const code = end - start > 4 ? (bytes[start + 4] as number) : 0
    if (code >= FAILURE) this.#close(id, code)
    else putAcknowledgement(this.#options.outbox, PUBREL, id)
  }

  #close(id: number, code: number): void {
    const slot = id - 1
    if (!this.#inFlight.isOpen(slot)) return
    this.#open--
    this.#inFlight.close(slot)
    const answer = code >= FAILURE ? 'refused' : code === NO_MATCHING_SUBSCRIBERS ? 'unroutable' : 'accepted'
    this.#options.listener.answered(slot, answer)
  }
}

const reader = new Reader()

const read = (packet: Packet<MqttContext>): MqttFrame => readPacket(reader.open(packet), packet.context, packet.side)

const idOf = (bytes: Uint8Array, start: number): number => u16At(bytes, start + 2)
