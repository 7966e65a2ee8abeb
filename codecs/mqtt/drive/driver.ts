import {
  type DriveOptions,
  type Driver,
  InFlight,
  type Outgoing,
  type Packet,
  Pen,
  Reader,
  type Settlement,
  u16At,
} from '../../core/index.ts'
import type { Auth, Connack, Disconnect, MqttFrame, Suback } from '../frames.ts'
import type { MqttContext } from '../header.ts'
import { readPacket } from '../read.ts'
import {
  AUTH,
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
import { Aliases } from './aliases.ts'
import { Authentication } from './authentication.ts'
import { Deliveries } from './deliveries.ts'
import { connectOf, levelOf, qosOf, subscriptionOf } from './options.ts'
import { type MqttPlate, plateOf } from './plate.ts'
import { Removing, retainedMade, sessionMade } from './removing.ts'
import { Sources } from './sources.ts'

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
  #aliases = new Aliases(0)
  #removing: Removing | undefined
  readonly #authentication: Authentication

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
    this.#authentication = new Authentication(options, this.#version, frame => this.#pen.send(frame))
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
    const first = this.#authentication.begin()
    if (first !== false) this.#pen.send(connectOf(this.#options, first))
  }

  plate(message: Outgoing): MqttPlate {
    const { tellsMade, listener } = this.#options
    const { destination, body, answers, settings = this.#options.settings } = message
    if (tellsMade && settings.retain === true && body.length > 0) listener.made(retainedMade(destination))
    const alias = answers === true ? 0 : this.#aliases.of(destination)
    return plateOf(this.#pen, this.#version, settings, message, alias)
  }

  publish(plate: MqttPlate): number {
    const { outbox } = this.#options
    const { bytes, idAt, bodyAt } = plate.short !== undefined && this.#aliases.told(plate.alias) ? plate.short : plate
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
      case AUTH:
        this.#authentication.challenged(read(packet) as Auth)
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

  #connected(connack: Connack): void {
    const { reasonCode, reasonName = '', properties } = connack
    const { listener, settings, tellsMade, removes } = this.#options
    if (reasonCode !== 0) {
      listener.failed(properties?.reasonString ?? reasonName)
      return
    }
    if (!this.#authentication.finish(connack)) return
    this.#receiveMaximum = properties?.receiveMaximum ?? SUBSCRIPTION
    const { serverKeepAlive } = properties ?? {}
    if (serverKeepAlive !== undefined) this.#keepAlive = serverKeepAlive === 0 ? undefined : serverKeepAlive * 500
    if (removes.length > 0) {
      this.#removing = new Removing(this.#options, this.#pen, this.#version, connack)
      return
    }
    if (settings.topicAlias === true) this.#aliases = new Aliases(properties?.topicAliasMaximum ?? 0)
    const session = tellsMade ? sessionMade(this.#options, this.#version, connack) : undefined
    if (session !== undefined) listener.made(session)
    const { filters } = this.#sources
    if (filters.length === 0) {
      listener.ready()
      return
    }
    this.#pen.send({
      type: 'subscribe',
      packetId: SUBSCRIPTION,
      ...(this.#version === 5 ? { properties: {} } : {}),
      subscriptions: filters.map(filter => subscriptionOf(filter, settings)),
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
    if (this.#removing === undefined) this.#close(idOf(bytes, start), code)
    else this.#removing.answered(idOf(bytes, start), code)
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
