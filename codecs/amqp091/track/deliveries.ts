import { Exchange, type Exchanges, type Packet, type Pending } from '../../core/index.ts'
import type { MethodOf } from '../frames.ts'
import type { ContentMessage } from './message.ts'

/** Who gets messages on a channel. */
export interface Consumer {
  /** Undefined where `basic.consume` was not seen. */
  readonly queue: string | undefined
  /** Whether what it gets waits for an acknowledgement. Undefined: not known, and found out by what it does. */
  manual: boolean | undefined
  /** Of a consumer of which that is not known: the tags of the first and the last that it got. */
  first: number | bigint
  last: number | bigint
}

export const consumer = (queue: string | undefined, manual: boolean | undefined): Consumer => ({
  queue,
  manual,
  first: 0,
  last: 0,
})

type Answer = MethodOf<'basic.ack' | 'basic.nack' | 'basic.reject'>

/** What a channel's client was given and has to acknowledge. */
export class Deliveries {
  readonly #pending: Pending<number | bigint>
  readonly #scope: string
  /** Consumers of which it is not known whether they acknowledge. */
  readonly #unknown = new Set<Consumer>()

  constructor(exchanges: Exchanges, scope: string) {
    this.#pending = exchanges.group()
    this.#scope = scope
  }

  get size(): number {
    return this.#pending.size
  }

  /** A whole message, of which `packet` was the last. False where nothing waits for an answer, as far as is known. */
  delivered(message: ContentMessage, id: number | bigint, to: Consumer, packet: Packet): boolean {
    if (to.manual !== true) {
      if (to.manual === undefined) this.#note(to, id)
      return false
    }
    const address = to.queue ?? message.address
    const exchange = new Exchange({ kind: 'deliver-ack', id, scope: this.#scope, address }, packet, message.first)
    this.#pending.begin(id, exchange)
    return true
  }

  /** False where nothing waited for it. */
  answered(frame: Answer, packet: Packet, number: number): boolean {
    const before = this.#pending.size
    const { deliveryTag } = frame
    const ok = frame.type === 'basic.ack'
    const outcome = OUTCOMES[frame.type][ok || !frame.requeue ? 0 : 1]
    if (frame.type === 'basic.reject' || !frame.multiple) {
      this.#pending.settle(deliveryTag, packet, number, ok, outcome)
    } else {
      // All up to this tag, and with 0 all there are [1.8.3.13]. Tags only grow.
      for (let tag = this.#pending.oldest; tag !== undefined; tag = this.#pending.oldest) {
        if (tag > deliveryTag && deliveryTag !== 0) break
        this.#pending.settle(tag, packet, number, ok, outcome)
      }
    }
    if (this.#unknown.size > 0) this.#learn(deliveryTag)
    return this.#pending.size < before
  }

  /** `basic.recover`: all that is not acknowledged comes again, under other tags [1.8.3.16]. */
  recovered(packet: Packet, number: number): void {
    for (const [tag] of this.#pending.entries()) this.#pending.settle(tag, packet, number, false, 'recovered')
  }

  /** The client's bytes were lost: any of these may have been acknowledged in them. */
  abandon(time: number, outcome: string): void {
    for (const [tag] of this.#pending.entries()) this.#pending.abandon(tag, time, outcome)
  }

  close(time: number, outcome: string): void {
    this.#pending.close(time, outcome)
  }

  #note(to: Consumer, id: number | bigint): void {
    if (this.#unknown.size < MOST_UNKNOWN) this.#unknown.add(to)
    if (to.first === 0) to.first = id
    to.last = id
  }

  /** An acknowledgement of something that only one of the unknown can have got: that one acknowledges. */
  #learn(tag: number | bigint): void {
    let candidate: Consumer | undefined
    for (const one of this.#unknown) {
      if (tag < one.first || tag > one.last) continue
      if (candidate !== undefined) return
      candidate = one
    }
    if (candidate === undefined || this.#pending.get(tag) !== undefined) return
    candidate.manual = true
    this.#unknown.delete(candidate)
  }
}

/** Without and with `requeue`. */
const OUTCOMES = {
  'basic.ack': ['ack', 'ack'],
  'basic.nack': ['nack', 'nack requeued'],
  'basic.reject': ['reject', 'reject requeued'],
} as const

/** Each is looked at with each acknowledgement until it is known. */
const MOST_UNKNOWN = 16
