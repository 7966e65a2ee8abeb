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
import type { CoapFrame, Datagram, Message, Signal } from '../frames.ts'
import { isRequest } from '../frames.ts'
import { classOf, tokenOf } from './head.ts'
import { type Answered, Requests } from './requests.ts'
import { EXCHANGE_LIFETIME, printOf, type Sent, SentMessages } from './sent.ts'

const EMPTY = '0.00'

/** One end of the conversation. Either may ask: who is a client and who a server differs from request to request. */
interface Peer {
  readonly side: Side
  readonly requests: Requests
  /** In datagrams. */
  readonly sent: SentMessages
  /** Its CONs that are responses or notifications, until they are acknowledged. */
  readonly deliveries: Pending<number>
  /** By message ID, or token. */
  readonly pings: Pending<number | string>
}

/** Messages and exchanges between two CoAP endpoints. */
export class CoapTracker implements Tracker<CoapFrame, unknown> {
  readonly exchanges: Exchanges
  readonly #out: TrackOptions['out']
  readonly #peers: Readonly<Record<Side, Peer>>

  /** `ordered`: the transport delivers in order. */
  constructor(options: TrackOptions, ordered: boolean) {
    this.#out = options.out
    const exchanges = new Exchanges(options.out, options.room)
    this.exchanges = exchanges
    const peer = (side: Side): Peer => ({
      side,
      requests: new Requests(exchanges, options, ordered),
      sent: new SentMessages(options.room.bytes),
      deliveries: exchanges.group(),
      pings: exchanges.group(),
    })
    this.#peers = { client: peer('client'), server: peer('server') }
  }

  take(packet: Packet, frame: CoapFrame | undefined, number: number): void {
    if (frame === undefined) return
    if ('messageId' in frame) this.#datagram(packet, frame, number)
    else if (frame.type === 'message') this.#content(packet, frame, number)
    else this.#signal(packet, frame, number)
  }

  end(time: number): void {
    for (const { requests, sent } of Object.values(this.#peers)) {
      requests.end(time)
      sent.release()
    }
  }

  #datagram(packet: Packet, frame: Datagram, number: number): void {
    for (const peer of Object.values(this.#peers)) this.#expire(peer, packet, number)
    if (frame.type === 'ACK' || frame.type === 'RST') this.#reply(packet, frame, number)
    else this.#send(packet, frame, number)
  }

  /** CON or NON. */
  #send(packet: Packet, frame: Datagram, number: number): void {
    const { type, messageId } = frame
    const peer = this.#peers[packet.side]
    const before = peer.sent.repeated(frame, packet)
    if (before !== undefined) {
      this.#waiting(peer, before)?.step(`${type} (again)`, packet, number)
      return
    }
    const sent = peer.sent.add(messageId, type === 'CON', packet)
    if (type === 'CON') this.#outstanding(peer, packet, number)
    if (frame.code === EMPTY) {
      peer.pings.begin(messageId, new Exchange({ kind: 'ping', id: messageId }, packet, number))
      return
    }
    const answered = this.#content(packet, frame, number, sent)
    if (answered === undefined) return
    sent.observation = answered.observation
    // A response that overtakes the ACK stands for it [RFC 7252 §5.2.2].
    if (answered.sent !== undefined) this.#acknowledge(this.#peers[other(packet.side)], answered.sent, packet, number)
    if (type !== 'CON') return
    const address = answered.target?.address
    peer.deliveries.begin(messageId, new Exchange({ kind: 'deliver-ack', id: messageId, address }, packet, number))
  }

  /** Request or response; who it is for, where it is a response. */
  #content(packet: Packet, frame: Datagram | Message, number: number, sent?: Sent): Answered | undefined {
    if (isRequest(frame.code)) {
      const asked = this.#peers[packet.side].requests.request(frame, packet, number)
      asked.sent = sent
      if (sent !== undefined) sent.asked = asked
      return undefined
    }
    const kind = classOf(frame.code)
    return kind >= 2 && kind <= 5 ? this.#peers[other(packet.side)].requests.response(frame, packet, number) : undefined
  }

  /** ACK or RST of what the other side sent, maybe with the response in it. */
  #reply(packet: Packet, frame: Datagram, number: number): void {
    const peer = this.#peers[other(packet.side)]
    // An answer to what nobody saw is remembered too: it may come twice.
    const sent = peer.sent.get(frame.messageId) ?? peer.sent.add(frame.messageId, false, packet)
    const print = printOf(packet)
    if (sent.reply === print) {
      this.#waiting(peer, sent)?.step(`${frame.type} (again)`, packet, number)
      return
    }
    sent.reply = print
    this.#acknowledge(peer, sent, packet, number)
    if (frame.code !== EMPTY) {
      peer.requests.response(frame, packet, number)
      return
    }
    const ok = frame.type === 'ACK'
    peer.pings.settle(frame.messageId, packet, number, true, frame.type)
    peer.deliveries.settle(frame.messageId, packet, number, ok, frame.type)
    const { asked, observation } = sent
    if (asked !== undefined) {
      if (ok) peer.requests.acknowledged(asked, packet, number)
      else peer.requests.reset(asked, packet, number)
    }
    // Only the side that observes can end it so: its requests are what the notification answers.
    if (observation !== undefined && !ok) this.#peers[packet.side].requests.cancel(observation, packet, number)
  }

  #signal(packet: Packet, frame: Signal, number: number): void {
    const peer = this.#peers[packet.side]
    switch (frame.type) {
      case 'csm': {
        const { maxMessageSize } = frame
        if (maxMessageSize !== undefined) {
          this.#out.level(packet.side, 'max message size', maxMessageSize, packet, number)
        }
        break
      }
      case 'ping': {
        const token = tokenOf(frame)
        peer.pings.begin(token, new Exchange({ kind: 'ping', id: token === '' ? undefined : token }, packet, number))
        break
      }
      case 'pong':
        this.#peers[other(packet.side)].pings.settle(tokenOf(frame), packet, number, true, 'Pong')
        break
      case 'abort':
        for (const { requests, pings } of Object.values(this.#peers)) {
          requests.abort(packet.time)
          for (const [key] of pings.entries()) pings.abandon(key, packet.time, 'connection aborted')
        }
        break
      case 'release':
        // What was asked is answered still [RFC 8323 §5.5].
        break
    }
  }

  #acknowledge(peer: Peer, { messageId }: Sent, packet: Packet, number: number): void {
    if (peer.sent.acknowledge(messageId)) this.#outstanding(peer, packet, number)
  }

  #outstanding({ side, sent }: Peer, packet: Packet, number: number): void {
    this.#out.level(side, 'outstanding', sent.outstanding, packet, number)
  }

  /** The open exchange that a message began, or carries on. */
  #waiting(peer: Peer, { messageId, asked }: Sent): Exchange | undefined {
    if (asked === undefined) return peer.deliveries.get(messageId) ?? peer.pings.get(messageId)
    return peer.requests.isOpen(asked) ? asked.exchange : undefined
  }

  #expire(peer: Peer, packet: Packet, number: number): void {
    const fewer = peer.sent.expire(packet.time, sent => {
      const time = sent.time + EXCHANGE_LIFETIME
      if (sent.asked !== undefined) peer.requests.expired(sent.asked, sent, time)
      peer.deliveries.abandon(sent.messageId, time, 'no answer')
      peer.pings.abandon(sent.messageId, time, 'no answer')
    })
    if (fewer) this.#outstanding(peer, packet, number)
  }
}
