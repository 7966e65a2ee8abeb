import { Exchange, type Exchanges, type Packet, type Pending } from '../../core/index.ts'
import type { MethodOf } from '../frames.ts'
import type { ContentMessage } from './message.ts'

/** Numbers, each gone once it is asked for. One iterator for all: a new one would walk over those that are gone. */
interface Mandatory {
  readonly numbers: Set<number>
  readonly oldest: Iterator<number, undefined>
}

/**
 * A channel's publisher confirms: messages are numbered from 1 as of `confirm.select`, and the broker acknowledges the
 * numbers [RabbitMQ, Publisher Confirms]. A return names no number: it belongs to the oldest mandatory message that was
 * sent to the same place and is not confirmed, as brokers return a message before they confirm it.
 */
export class Confirms {
  readonly #pending: Pending<number>
  readonly #scope: string
  /** Undefined once a message may have been missed: from then on there are no numbers. */
  #next: number | undefined = 1
  /** Numbers of mandatory messages that neither came back nor were confirmed, by address; and their addresses. */
  readonly #mandatory = new Map<string, Mandatory>()
  readonly #addresses = new Map<number, string>()
  /** What came back and is not confirmed yet. */
  readonly #returned = new Map<number, string>()

  constructor(exchanges: Exchanges, scope: string) {
    this.#pending = exchanges.group(id => this.#forget(id))
    this.#scope = scope
  }

  get size(): number {
    return this.#pending.size
  }

  /** A whole message, of which `packet` was the last. False where its number is not known. */
  published(message: ContentMessage, packet: Packet): boolean {
    if (this.#next === undefined) return false
    const id = this.#next++
    const { address, method, first } = message
    this.#pending.begin(id, new Exchange({ kind: 'publish-confirm', id, scope: this.#scope, address }, packet, first))
    if (method?.type === 'basic.publish' && method.mandatory && address !== undefined) this.#expect(id, address)
    return true
  }

  returned(address: string, outcome: string, packet: Packet, number: number): void {
    const id: number | undefined = this.#mandatory.get(address)?.oldest.next().value
    if (id === undefined) return
    this.#forget(id)
    this.#pending.get(id)?.step('basic.return', packet, number)
    this.#returned.set(id, outcome)
  }

  confirmed(frame: MethodOf<'basic.ack' | 'basic.nack'>, packet: Packet, number: number): void {
    const { deliveryTag, multiple, type } = frame
    const ok = type === 'basic.ack'
    if (!multiple) this.#settle(Number(deliveryTag), packet, number, ok)
    else {
      // All up to this number, and with 0 all there are [1.8.3.13].
      for (let id = this.#pending.oldest; id !== undefined; id = this.#pending.oldest) {
        if (id > deliveryTag && deliveryTag !== 0) break
        this.#settle(id, packet, number, ok)
      }
    }
  }

  /** The client's bytes were lost: how many messages were in them, nobody knows. */
  lose(): void {
    this.#next = undefined
  }

  /** The broker's bytes were lost: any of these may have been confirmed in them. */
  abandon(time: number, outcome: string): void {
    for (const [id] of this.#pending.entries()) this.#pending.abandon(id, time, outcome)
  }

  close(time: number, outcome: string): void {
    this.#pending.close(time, outcome)
  }

  #settle(id: number, packet: Packet, number: number, ok: boolean): void {
    const returned = this.#returned.get(id)
    const outcome = returned ?? (ok ? 'ack' : 'nack')
    this.#pending.settle(id, packet, number, ok && returned === undefined, outcome)
  }

  #expect(id: number, address: string): void {
    let mandatory = this.#mandatory.get(address)
    if (mandatory === undefined) {
      const numbers = new Set<number>()
      mandatory = { numbers, oldest: numbers.values() }
      this.#mandatory.set(address, mandatory)
    }
    mandatory.numbers.add(id)
    this.#addresses.set(id, address)
  }

  #forget(id: number): void {
    this.#returned.delete(id)
    const address = this.#addresses.get(id)
    if (address === undefined) return
    this.#addresses.delete(id)
    const numbers = this.#mandatory.get(address)?.numbers
    if (numbers?.delete(id) === true && numbers.size === 0) this.#mandatory.delete(address)
  }
}
