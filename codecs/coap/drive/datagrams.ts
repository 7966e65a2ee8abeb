import { type DriveOptions, type Driver, hex, type Outgoing, type Packet, Pen } from '../../core/index.ts'
import { type Content, Datagram } from '../frames.ts'
import { EMPTY, MESSAGE_TYPES, REQUEST, SUCCESS } from '../tables.ts'
import { writeDatagram } from '../write.ts'
import { Incoming } from './incoming.ts'
import { Observations } from './observations.ts'
import { requestOf, wantsResponses } from './options.ts'
import { Removing } from './removing.ts'
import { type CoapPlate, Requests } from './requests.ts'
import { MAKING_TOKEN, MESSAGE_TOKEN, messageAt, REMOVING_TOKEN, SOURCE_TOKEN, sourceAt } from './tokens.ts'
import { Transmission } from './transmission.ts'

const [CON, NON, ACK, RST] = MESSAGE_TYPES.keys() as unknown as [number, number, number, number]

/** Message IDs below are those of messages, by their number; from here on, of all else. */
const OTHERS = 0xff00
const MESSAGE_ID_AT = 2
const TOKEN_AT = 4

/** A client of CoAP over UDP or DTLS [RFC 7252]. NSTART is what the caller wants it to be. */
export class DatagramDriver implements Driver<null> {
  readonly #options: DriveOptions
  readonly #pen: Pen<Datagram>
  readonly #requests: Requests
  readonly #transmission: Transmission
  readonly #observations: Observations
  readonly #removing: Removing | undefined
  readonly #incoming = new Incoming()
  readonly #confirmable: boolean
  readonly keepAlive: number | undefined
  readonly replyTo = undefined
  /** Of what is no message. */
  #messageId = OTHERS
  /** Message ID of the ping that it begins with; -1 once that is answered. */
  #knocking = -1
  /** By source, the last message ID of a confirmable notification: it comes again if our acknowledgement does not get there. */
  readonly #last: number[] = []

  constructor(options: DriveOptions) {
    const { settings, keepAlive } = options
    this.#options = options
    this.#confirmable = settings.confirmable !== false && wantsResponses(settings)
    this.#pen = new Pen(options.outbox, writeDatagram)
    this.#requests = new Requests(options)
    this.#transmission = new Transmission(options, this.#requests)
    const ask = (content: Content): void => this.#ask(content)
    this.#observations = new Observations(options, ask)
    if (options.removes.length > 0) this.#removing = new Removing(options, ask)
    this.keepAlive = keepAlive === 0 ? undefined : keepAlive * 500
  }

  get room(): number {
    return this.#requests.room
  }

  /** Nothing is agreed: a ping tells whether somebody is there. */
  start(): void {
    this.#knocking = this.#nextId()
    this.#special(this.#knocking, KNOCK, this.#pen.encode(ping(this.#knocking)))
  }

  plate(message: Outgoing): CoapPlate {
    const type = this.#confirmable ? 'CON' : 'NON'
    const content = requestOf(message, this.#options, new Uint8Array(MESSAGE_TOKEN))
    const bytes = this.#pen.encode(new Datagram({ ...content, type, messageId: 0 }))
    const sent = content.payload?.length ?? 0
    return {
      bytes,
      bodyAt: bytes.length - sent,
      tokenAt: TOKEN_AT,
      destination: message.destination,
      unsent: message.body.length - sent,
    }
  }

  publish(plate: CoapPlate): number {
    const { outbox } = this.#options
    const messageId = this.#requests.next % OTHERS
    const at = this.#requests.put(plate)
    outbox.view.setUint16(at + MESSAGE_ID_AT, messageId)
    outbox.end()
    const slot = this.#requests.open()
    if (slot >= 0) this.#transmission.sent(slot, at, plate.bytes.length, this.#confirmable)
    return slot
  }

  hear(packet: Packet<null>): void {
    const incoming = this.#incoming
    if (!incoming.datagram(packet)) return
    const { code, type, messageId, tokenLength } = incoming
    if (code === EMPTY) this.#empty(type, messageId)
    else if (code >> 5 === REQUEST) {
      // Nobody here answers requests.
      if (type === CON) this.#reply(RST, messageId)
    } else if (tokenLength === MESSAGE_TOKEN) this.#response(packet, incoming)
    else if (tokenLength === SOURCE_TOKEN || tokenLength === MAKING_TOKEN) this.#notification(packet, incoming)
    else if (tokenLength === REMOVING_TOKEN && this.#removing !== undefined)
      this.#removed(packet, incoming, this.#removing)
    else if (type === CON) this.#reply(RST, messageId)
  }

  settle(): void {
    // A notification is acknowledged as a message: there is nothing else to say of it.
  }

  alive(): void {
    this.#pen.send(ping(this.#nextId()))
  }

  tick(now: number): number | undefined {
    return this.#transmission.tick(now)
  }

  leave(): void {
    this.#observations.leave()
  }

  #empty(type: number, messageId: number): void {
    if (type === CON) {
      this.#reply(RST, messageId)
      return
    }
    if (messageId >= OTHERS) {
      this.#ofOthers(type, messageId)
      return
    }
    const { inFlight } = this.#requests
    const { first } = inFlight
    const slot = inFlight.slotOf(first + ((messageId - (first % OTHERS) + OTHERS) % OTHERS))
    if (slot < 0) return
    if (type === RST) {
      this.#transmission.answered(slot)
      this.#requests.answered(slot, false)
    } else this.#transmission.acknowledged(slot)
  }

  /** Of what is no message. A ping is answered by a reset; one that only keeps alive is not waited for. */
  #ofOthers(type: number, messageId: number): void {
    if (messageId === this.#knocking) {
      this.#knocking = -1
      this.#transmission.specialAnswered(KNOCK)
      ;(this.#removing ?? this.#observations).begin()
    } else if (type === ACK) this.#transmission.specialAcknowledged(messageId)
    else if (this.#transmission.specialReset(messageId)) this.#options.listener.failed('a request was reset')
  }

  #response(packet: Packet<null>, incoming: Incoming): void {
    const { type, messageId, code, tokenAt } = incoming
    const number = this.#requests.numberOf(messageAt(packet.buffer, tokenAt))
    const slot = this.#requests.inFlight.slotOf(number)
    // A separate response may come again, as our acknowledgement may not get there [RFC 7252 §5.2.2].
    if (type === CON) this.#reply(number < this.#requests.next && number >= 0 ? ACK : RST, messageId)
    if (slot < 0) return
    if (code >> 5 === SUCCESS && this.#options.requests) this.#observations.deliver(packet.buffer, incoming, -1)
    this.#transmission.answered(slot)
    this.#requests.responded(slot, code)
  }

  #removed(packet: Packet<null>, incoming: Incoming, removing: Removing): void {
    const { type, messageId, tokenAt, tokenLength } = incoming
    if (type === CON) this.#reply(ACK, messageId)
    this.#transmission.specialAnswered(hex(packet.buffer, tokenAt, tokenAt + tokenLength))
    removing.heard(packet, incoming)
  }

  #notification(packet: Packet<null>, incoming: Incoming): void {
    const { type, messageId, tokenAt, tokenLength } = incoming
    if (type === CON) {
      const source = sourceAt(packet.buffer, tokenAt, tokenLength)
      if (this.#last[source] === messageId) {
        this.#reply(ACK, messageId)
        return
      }
      this.#last[source] = messageId
    }
    this.#transmission.specialAnswered(hex(packet.buffer, tokenAt, tokenAt + tokenLength))
    const wanted = this.#observations.heard(packet, incoming)
    // A reset takes an observation back that is none of ours any more [RFC 7641 §3.6].
    if (type === CON) this.#reply(wanted ? ACK : RST, messageId)
    else if (type === NON && !wanted) this.#reply(RST, messageId)
  }

  #ask(content: Content): void {
    const messageId = this.#nextId()
    const bytes = this.#pen.encode(new Datagram({ ...content, type: 'CON', messageId }))
    this.#special(messageId, hex(content.token as Uint8Array), bytes)
  }

  #special(messageId: number, token: string, bytes: Uint8Array): void {
    const { outbox } = this.#options
    outbox.put(bytes)
    outbox.end()
    this.#transmission.special(messageId, token, bytes)
  }

  #nextId(): number {
    const messageId = this.#messageId
    this.#messageId = messageId === 0xffff ? OTHERS : messageId + 1
    return messageId
  }

  /** Acknowledges or resets. */
  #reply(type: number, messageId: number): void {
    const { outbox } = this.#options
    const at = outbox.room(4)
    outbox.bytes[at] = (1 << 6) | (type << 4)
    outbox.bytes[at + 1] = EMPTY
    outbox.view.setUint16(at + MESSAGE_ID_AT, messageId)
    outbox.end()
  }
}

const ping = (messageId: number): Datagram => new Datagram({ type: 'CON', code: '0.00', messageId })
/** What its ping is called, which has no token. */
const KNOCK = 'ping'
