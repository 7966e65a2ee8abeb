import { Exchange, type Exchanges, type Packet, type Pending, u16At } from '../../core/index.ts'
import { FRAME_OVERHEAD } from '../tables.ts'
import type { ContentMessage } from './message.ts'

/** RabbitMQ's pseudo-queue: what is published with it comes back under a name made for the channel [Direct Reply-to]. */
const DIRECT = 'amq.rabbitmq.reply-to'

const CORRELATION_ID = 0x0400
const REPLY_TO = 0x0200
const REQUEST = CORRELATION_ID | REPLY_TO

/**
 * Requests over messages: published with a `reply-to` and a `correlation-id`, answered by a message that comes to that
 * place with the same `correlation-id`. Of one connection, whatever the channels.
 */
export class Rpc {
  readonly #pending: Pending<string>

  constructor(exchanges: Exchanges) {
    this.#pending = exchanges.group()
  }

  published(message: ContentMessage, packet: Packet): void {
    if ((flagsOf(message) & REQUEST) !== REQUEST) return
    const { address, correlationId = '', replyTo = '', first } = message
    const exchange = new Exchange({ kind: 'rpc', id: correlationId, scope: replyTo, address }, packet, first)
    this.#pending.begin(key(replyTo, correlationId), exchange)
  }

  delivered(message: ContentMessage, packet: Packet): void {
    if (this.#pending.size === 0 || (flagsOf(message) & CORRELATION_ID) === 0) return
    const { correlationId = '', queue, method, first } = message
    if (queue !== undefined && this.#settle(queue, correlationId, packet, first)) return
    // Where the consumer is not known, the reply's routing key is the queue that was asked for.
    if (method?.exchange !== '' || typeof method.routingKey !== 'string') return
    const place = method.routingKey.startsWith(`${DIRECT}.`) ? DIRECT : method.routingKey
    this.#settle(place, correlationId, packet, first)
  }

  /** The request came back: nobody will answer it. */
  returned(message: ContentMessage, packet: Packet, outcome: string): void {
    if (this.#pending.size === 0 || (flagsOf(message) & REQUEST) !== REQUEST) return
    const { correlationId = '', replyTo = '', first } = message
    // The broker has put its own name for the channel in place of the pseudo-queue.
    const place = replyTo.startsWith(`${DIRECT}.`) ? DIRECT : replyTo
    this.#pending.settle(key(place, correlationId), packet, first, false, outcome)
  }

  abandon(time: number, outcome: string): void {
    for (const [each] of this.#pending.entries()) this.#pending.abandon(each, time, outcome)
  }

  #settle(place: string, correlationId: string, packet: Packet, number: number): boolean {
    return this.#pending.settle(key(place, correlationId), packet, number, true) !== undefined
  }
}

const key = (place: string, correlationId: string): string => `${place}\0${correlationId}`

/** The header's flags, without taking its properties apart [4.2.6.1]. */
function flagsOf({ headerPacket }: ContentMessage): number {
  if (headerPacket === undefined || headerPacket.end - headerPacket.start < FRAME_OVERHEAD + 14) return 0
  return u16At(headerPacket.buffer, headerPacket.start + 19)
}
