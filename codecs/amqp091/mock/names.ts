import { type MockOptions, Recent, type Renumbering } from '../../core/index.ts'
import { nameOf } from '../destination.ts'
import { QUEUE } from '../play/names.ts'
import { type Properties, WireProperties } from '../properties.ts'
import type { Text } from '../strings.ts'
import type { AmqpAct } from './act.ts'

const CORRELATION = 'amqp correlation'

/** RabbitMQ's name for the queue that is not there: it puts its own in place of it [Direct Reply-to]. */
const DIRECT = 'amq.rabbitmq.reply-to'

/** Names that this client or this mock made up, in place of the recorded ones. */
const MOST = 65_536

/** What is called otherwise by this client than by the recorded one. */
export class Names {
  readonly #names: Renumbering
  readonly #options: MockOptions
  /** By what things are called now, what they were called then. */
  readonly #recorded = new Recent<string, string>(MOST)
  #made = 0

  constructor(options: MockOptions) {
    this.#options = options
    this.#names = options.names
  }

  recognise(then: AmqpAct, now: AmqpAct): void {
    const [a, b] = [then.frame, now.frame] as unknown as Readonly<Record<string, Text>>[]
    for (const field of FIELDS) this.#learn(a?.[field], b?.[field])
    const [asked, asks] = [then.content?.properties, now.content?.properties]
    this.#learn(asked?.replyTo, asks?.replyTo)
    const [known, called] = [asked?.correlationId, asks?.correlationId]
    if (typeof known === 'string' && typeof called === 'string' && known !== called) {
      this.#names.learn(CORRELATION, known, called)
    }
  }

  /** The name of a queue that the broker made up then: the same for the first client, one as it is for others. */
  madeUp(then: Text): Text {
    if (typeof then !== 'string') return then
    const known = this.#names.live(QUEUE, then)
    if (known !== undefined && this.#options.take === 0) return String(known)
    const now = this.#options.take === 0 ? then : this.fresh(then)
    this.#learn(then, now)
    return now
  }

  /** A name that looks made up: `amq.gen-` and 22 letters, as RabbitMQ has it. */
  fresh(then = ''): string {
    let hash = 0x811c9dc5 + this.#options.take * 0x1000 + ++this.#made
    let name = ''
    for (let at = 0; at < LETTERS; at++) {
      hash = Math.imul(hash ^ ((then.charCodeAt(at) || 0) + at), 0x01000193) >>> 0
      name += ALPHABET[(hash >>> 8) % ALPHABET.length]
    }
    return `amq.gen-${name}`
  }

  now(then: Text): Text {
    return typeof then === 'string' ? String(this.#names.live(QUEUE, then) ?? then) : then
  }

  recorded(now: Text): string {
    return typeof now === 'string' ? (this.#recorded.get(now) ?? now) : nameOf(now)
  }

  /** Of a message that is delivered, where nothing of now is passed on. */
  properties(then: Properties): Properties {
    const { replyTo, correlationId } = then
    const reply = replyTo === undefined ? undefined : this.now(replyTo)
    const correlation = typeof correlationId === 'string' ? this.#names.live(CORRELATION, correlationId) : undefined
    if (reply === replyTo && correlation === undefined) return then
    return {
      ...(then instanceof WireProperties ? then.values : then),
      replyTo: reply,
      correlationId: correlation === undefined ? correlationId : String(correlation),
    }
  }

  /** Of a message that is passed on: what the broker put in then stays. */
  passed(now: Properties, then: Properties): Properties {
    const values = now instanceof WireProperties ? now.values : now
    const byBroker = then.headers?.entries.some(({ key }) => key.startsWith('x-')) === true
    const direct = values.replyTo === DIRECT
    if (!byBroker && !direct) return now
    return {
      ...values,
      ...(byBroker ? { headers: then.headers } : {}),
      ...(direct ? { replyTo: then.replyTo } : {}),
    }
  }

  #learn(then: Text | undefined, now: Text | undefined): void {
    if (typeof then !== 'string' || typeof now !== 'string' || then === '' || now === '' || then === now) return
    this.#names.learn(QUEUE, then, now)
    this.#recorded.set(now, then)
  }
}

/** Arguments that name queues, exchanges, and what stands for one. */
const FIELDS = ['queue', 'exchange', 'destination', 'source', 'routingKey'] as const

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const LETTERS = 22
