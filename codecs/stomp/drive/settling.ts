import type { Outbox, Settlement } from '../../core/index.ts'
import type { Version } from '../tables.ts'
import type { Incoming } from './incoming.ts'
import { Unsettled } from './unsettled.ts'

const ascii = (text: string): Uint8Array => Uint8Array.from(text, letter => letter.charCodeAt(0))

/** What stands around the octets by which a delivery is known: as it names itself in `ack`, or in `message-id` before 1.2. */
const names: Readonly<Record<Version, Uint8Array>> = {
  '1.2': ascii('id:'),
  '1.1': ascii('message-id:'),
  '1.0': ascii('message-id:'),
}
const ack = ascii('ACK\n')
/** `requeue` is RabbitMQ's; other brokers have one way to say no. */
const reject = ascii('NACK\nrequeue:false\n')
const release = ascii('NACK\nrequeue:true\n')
const end = ascii('\n\n\0')

/** Acknowledges deliveries. Their octets go back as they came: both directions escape alike. */
export class Acknowledging {
  readonly #outbox: Outbox
  readonly #unsettled = new Unsettled()
  /** `subscription` lines, which only 1.1 wants. */
  readonly #subscriptions: Uint8Array[] = []
  #version: Version = '1.2'
  #mode: 'client' | 'client-individual' = 'client-individual'

  constructor(outbox: Outbox) {
    this.#outbox = outbox
  }

  agree(version: Version, mode: 'client' | 'client-individual'): void {
    this.#version = version
    this.#mode = mode
  }

  /** The number of a delivery that is to be acknowledged; -1 where that is not possible. */
  add(bytes: Uint8Array, { ackAt, ackEnd, messageIdAt, messageIdEnd }: Incoming, source: number): number {
    const [from, to] = this.#version === '1.2' ? [ackAt, ackEnd] : [messageIdAt, messageIdEnd]
    return from === 0 ? -1 : this.#unsettled.add(bytes, from, to, source)
  }

  settle(id: number, how: Settlement, upTo: boolean): void {
    const source = this.#unsettled.sourceOf(id)
    if (source < 0) return
    if (this.#mode === 'client') this.#settleTo(id, how, source, upTo)
    else {
      for (let each = upTo ? this.#unsettled.first : id; each <= id; each++) {
        if (this.#unsettled.sourceOf(each) >= 0) this.#say(each, how)
      }
    }
  }

  /** In this mode one speaks for all before it, of its subscription [STOMP 1.2, SUBSCRIBE ack Header]. */
  #settleTo(id: number, how: Settlement, source: number, all: boolean): void {
    this.#say(id, how)
    const spoken = new Set([source])
    for (let each = id - 1; each >= this.#unsettled.first; each--) {
      const other = this.#unsettled.sourceOf(each)
      if (other < 0) continue
      if (spoken.has(other)) this.#unsettled.settle(each)
      else if (all) {
        this.#say(each, how)
        spoken.add(other)
      }
    }
  }

  #say(id: number, how: Settlement): void {
    const source = this.#unsettled.sourceOf(id)
    // Only from 1.1 on is there a way to say no.
    const command = how === 'accept' || this.#version === '1.0' ? ack : how === 'reject' ? reject : release
    const name = names[this.#version]
    const subscription = this.#version === '1.1' ? this.#subscription(source) : NOTHING
    const length = this.#unsettled.lengthOf(id)
    const outbox = this.#outbox
    let at = outbox.room(command.length + subscription.length + name.length + length + end.length)
    const { bytes } = outbox
    bytes.set(command, at)
    at += command.length
    bytes.set(subscription, at)
    at += subscription.length
    bytes.set(name, at)
    at += name.length
    this.#unsettled.copy(id, bytes, at)
    bytes.set(end, at + length)
    outbox.end()
    this.#unsettled.settle(id)
  }

  #subscription(source: number): Uint8Array {
    return (this.#subscriptions[source] ??= ascii(`subscription:${source}\n`))
  }
}

const NOTHING = new Uint8Array(0)
