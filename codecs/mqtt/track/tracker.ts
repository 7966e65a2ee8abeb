import type { Tracker } from '../../core/index.ts'
import {
  Exchange,
  Exchanges,
  other,
  type Packet,
  type Pending,
  type Side,
  type TrackOptions,
} from '../../core/index.ts'
import type {
  Acknowledgement,
  Auth,
  Connack,
  Connect,
  MqttFrame,
  Publish,
  Suback,
  Subscribe,
  Unsuback,
  Unsubscribe,
} from '../frames.ts'
import type { MqttContext } from '../header.ts'
import { REASON_CODES } from '../tables.ts'
import { PublishedMessage } from './message.ts'

/** From here on, a reason code tells of failure [2.4]. */
const FAILURE = 0x80

/** Packet identifiers are the sender's own: each side's are a namespace [2.2.1]. */
interface Sender {
  /** QoS 1 and 2, until PUBACK or PUBCOMP. */
  readonly publishes: Pending<number>
  /** PUBRELs whose PUBLISH was sent on an earlier connection of the session, until PUBCOMP. */
  readonly releases: Pending<number>
  readonly side: Side
}

/** What an AUTH asks for: the next step of a proof, or to prove it once more [4.12]. */
const CONTINUE = 0x18
const RE_AUTHENTICATE = 0x19

/** Messages and exchanges of one MQTT connection. */
export class MqttTracker implements Tracker<MqttFrame, MqttContext> {
  readonly exchanges: Exchanges
  readonly #out: TrackOptions['out']
  readonly #connects: Pending<null>
  readonly #authentications: Pending<null>
  readonly #senders: Readonly<Record<Side, Sender>>
  /** SUBSCRIBE by packet identifier and place in it: an exchange a filter. UNSUBSCRIBE likewise. */
  readonly #subscribes: Pending<number>
  readonly #unsubscribes: Pending<number>
  readonly #pings: Pending<number>
  #pinged = 0

  constructor({ out, room }: TrackOptions) {
    this.#out = out
    this.exchanges = new Exchanges(out, room)
    this.#connects = this.exchanges.group()
    this.#senders = {
      client: { publishes: this.exchanges.group(), releases: this.exchanges.group(), side: 'client' },
      server: { publishes: this.exchanges.group(), releases: this.exchanges.group(), side: 'server' },
    }
    this.#authentications = this.exchanges.group()
    this.#subscribes = this.exchanges.group()
    this.#unsubscribes = this.exchanges.group()
    this.#pings = this.exchanges.group()
  }

  take(packet: Packet<MqttContext>, frame: MqttFrame | undefined, number: number): void {
    switch (frame?.type) {
      case 'publish':
        this.#publish(packet, frame, number)
        break
      case 'puback':
      case 'pubrec':
      case 'pubrel':
      case 'pubcomp':
        this.#acknowledge(packet, frame, number)
        break
      case 'connect':
        this.#connect(packet, frame, number)
        break
      case 'connack':
        this.#connack(packet, frame, number)
        break
      case 'auth':
        this.#auth(packet, frame, number)
        break
      case 'subscribe':
        this.#subscribe(packet, frame, number)
        break
      case 'suback':
        this.#suback(packet, frame, number)
        break
      case 'unsubscribe':
        this.#unsubscribe(packet, frame, number)
        break
      case 'unsuback':
        this.#unsuback(packet, frame, number)
        break
      case 'pingreq':
        this.#pings.begin(++this.#pinged, new Exchange({ kind: 'ping' }, packet, number))
        break
      case 'pingresp':
        this.#pingresp(packet, number)
        break
    }
  }

  end(): void {
    // A PUBLISH is one packet: no message is ever half assembled.
  }

  #connect(packet: Packet<MqttContext>, { clientId, properties }: Connect, number: number): void {
    this.#connects.begin(null, new Exchange({ kind: 'connect', address: clientId }, packet, number))
    this.#receiveMaximum('server', properties?.receiveMaximum, packet, number)
  }

  #connack(packet: Packet<MqttContext>, { reasonCode, reasonName, properties }: Connack, number: number): void {
    this.#receiveMaximum('client', properties?.receiveMaximum, packet, number)
    this.#connects.settle(null, packet, number, reasonCode === 0, reasonName ?? `reason ${reasonCode}`)
  }

  /** Each side says how many the other may have in flight [3.1.2.11.3, 3.2.2.3.3]. */
  #receiveMaximum(side: Side, most: number | undefined, packet: Packet<MqttContext>, number: number): void {
    if (most !== undefined) this.#out.level(side, 'receive maximum', most, packet, number)
  }

  /** Part of connecting; later, the client may prove once more who it is. */
  #auth(packet: Packet<MqttContext>, { type, reasonCode = 0, reasonName }: Auth, number: number): void {
    const connect = this.#connects.get(null)
    if (connect !== undefined) connect.step(type, packet, number)
    else if (reasonCode === RE_AUTHENTICATE) {
      this.#authentications.begin(null, new Exchange({ kind: 'authenticate' }, packet, number))
    } else if (reasonCode === CONTINUE) this.#authentications.get(null)?.step(type, packet, number)
    else this.#authentications.settle(null, packet, number, reasonCode === 0, reasonName)
  }

  #publish(packet: Packet<MqttContext>, frame: Publish, number: number): void {
    this.#out.message(new PublishedMessage(frame, packet, number))
    const { qos, packetId, topic, dup } = frame
    if (qos === 0 || packetId === undefined) return
    const sender = this.#senders[packet.side]
    const open = dup ? sender.publishes.get(packetId) : undefined
    if (open !== undefined) {
      open.step('publish (dup)', packet, number)
      return
    }
    const kind = packet.side === 'client' ? 'publish-confirm' : 'deliver-ack'
    const address = topic === '' ? undefined : topic
    sender.publishes.begin(packetId, new Exchange({ kind, id: packetId, address }, packet, number))
    this.#inFlight(sender, packet, number)
  }

  /** PUBACK ends QoS 1; PUBREC, PUBREL and PUBCOMP carry QoS 2 on, PUBREC ends it where it refuses [4.3.3]. */
  #acknowledge(packet: Packet<MqttContext>, frame: Acknowledgement, number: number): void {
    const { type, packetId, reasonCode = 0, reasonName } = frame
    const sender = this.#senders[type === 'pubrel' ? packet.side : other(packet.side)]
    const refused = reasonCode >= FAILURE
    const open = sender.publishes.get(packetId) ?? sender.releases.get(packetId)
    if (type === 'pubrel' && open === undefined) {
      const kind = packet.side === 'client' ? 'publish-release' : 'deliver-release'
      sender.releases.begin(packetId, new Exchange({ kind, id: packetId }, packet, number))
    } else if (type === 'pubrel' || (type === 'pubrec' && !refused)) {
      open?.step(type, packet, number)
    } else if (sender.publishes.settle(packetId, packet, number, !refused, reasonName ?? type) === undefined) {
      if (type === 'pubcomp') sender.releases.settle(packetId, packet, number, !refused, reasonName ?? type)
    } else this.#inFlight(sender, packet, number)
  }

  #inFlight({ publishes, side }: Sender, packet: Packet<MqttContext>, number: number): void {
    this.#out.level(side, 'in flight', publishes.size, packet, number)
  }

  #subscribe(packet: Packet<MqttContext>, { packetId, subscriptions }: Subscribe, number: number): void {
    for (const [at, { topicFilter }] of subscriptions.entries()) {
      const exchange = new Exchange({ kind: 'subscribe', id: packetId, address: topicFilter }, packet, number)
      this.#subscribes.begin(place(packetId, at), exchange)
    }
  }

  /** The reason codes stand in the order of the filters [3.9.3]. */
  #suback(packet: Packet<MqttContext>, { packetId, reasonCodes }: Suback, number: number): void {
    for (const [at, code] of reasonCodes.entries()) {
      const ok = code < FAILURE
      const outcome = REASON_CODES.suback.name(code) ?? `reason ${code}`
      const name = this.#subscribes.settle(place(packetId, at), packet, number, ok, outcome)?.address
      if (name === undefined || !ok) continue
      const { time } = packet
      this.#out.topology({ action: 'add', kind: 'subscription', name, details: { qos: code }, frame: number, time })
    }
  }

  #unsubscribe(packet: Packet<MqttContext>, { packetId, topicFilters }: Unsubscribe, number: number): void {
    for (const [at, address] of topicFilters.entries()) {
      const exchange = new Exchange({ kind: 'unsubscribe', id: packetId, address }, packet, number)
      this.#unsubscribes.begin(place(packetId, at), exchange)
    }
  }

  /** Before MQTT 5 there are no codes: one answer ends the whole UNSUBSCRIBE. */
  #unsuback(packet: Packet<MqttContext>, { packetId, reasonCodes }: Unsuback, number: number): void {
    for (let at = 0; this.#unsubscribes.get(place(packetId, at)) !== undefined; at++) {
      const code = reasonCodes?.[at] ?? 0
      const ok = code < FAILURE
      const outcome = reasonCodes === undefined ? undefined : (REASON_CODES.unsuback.name(code) ?? `reason ${code}`)
      const name = this.#unsubscribes.settle(place(packetId, at), packet, number, ok, outcome)?.address
      if (name === undefined || code !== 0) continue
      this.#out.topology({ action: 'remove', kind: 'subscription', name, frame: number, time: packet.time })
    }
  }

  #pingresp(packet: Packet<MqttContext>, number: number): void {
    for (const [key] of this.#pings.entries()) {
      this.#pings.settle(key, packet, number, true)
      return
    }
  }
}

/** More filters than this do not fit a packet of 256 MB. */
const place = (packetId: number, at: number): number => packetId * 0x1000_0000 + at
