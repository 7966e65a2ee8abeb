import type { PlayOptions } from '../../core/index.ts'
import type { AmqpFrame, MethodOf } from '../frames.ts'
import { type Properties, WireProperties } from '../properties.ts'
import type { Text } from '../strings.ts'

/** Queues, and what is as good as one: the names that a server makes up for replies. */
export const QUEUE = 'amqp queue'

/** What things are called in this run. */
export class Names {
  readonly #options: PlayOptions

  constructor(options: PlayOptions) {
    this.#options = options
  }

  queue(name: Text): Text {
    if (typeof name !== 'string' || name === '') return name
    return String(this.#options.names.live(QUEUE, name) ?? this.#options.address(name))
  }

  exchange(name: Text): Text {
    return typeof name !== 'string' || name === '' ? name : this.#options.address(name)
  }

  /** Of the default exchange, routing keys are queues. */
  routingKey(key: Text, exchange: Text): Text {
    return exchange === '' ? this.queue(key) : this.exchange(key)
  }

  /** A queue that is made: one of its own for each copy. */
  declare({ queue, passive }: MethodOf<'queue.declare'>): void {
    const { copy, names } = this.#options
    if (copy === 0 || passive || typeof queue !== 'string' || queue === '' || queue.startsWith('amq.')) return
    if (names.live(QUEUE, queue) === undefined) names.learn(QUEUE, queue, `${this.#options.address(queue)}-${copy}`)
  }

  /** The server made up a name then, and another now. */
  learn(then: Text | undefined, now: Text | undefined): void {
    if (typeof then === 'string' && typeof now === 'string') this.#options.names.learn(QUEUE, then, now)
  }

  /** `frame` with the names of this run; itself where they are what they were. */
  renamed(frame: AmqpFrame): AmqpFrame {
    switch (frame.type) {
      case 'queue.declare':
      case 'queue.purge':
      case 'queue.delete':
      case 'basic.consume':
      case 'basic.get': {
        const queue = this.queue(frame.queue)
        return queue === frame.queue ? frame : { ...frame, queue }
      }
      case 'queue.bind':
      case 'queue.unbind': {
        const [queue, exchange] = [this.queue(frame.queue), this.exchange(frame.exchange)]
        return queue === frame.queue && exchange === frame.exchange ? frame : { ...frame, queue, exchange }
      }
      case 'exchange.declare':
      case 'exchange.delete': {
        const exchange = this.exchange(frame.exchange)
        return exchange === frame.exchange ? frame : { ...frame, exchange }
      }
      case 'exchange.bind':
      case 'exchange.unbind': {
        const [destination, source] = [this.exchange(frame.destination), this.exchange(frame.source)]
        return destination === frame.destination && source === frame.source ? frame : { ...frame, destination, source }
      }
      case 'basic.publish': {
        const exchange = this.exchange(frame.exchange)
        const routingKey = this.routingKey(frame.routingKey, frame.exchange)
        return exchange === frame.exchange && routingKey === frame.routingKey
          ? frame
          : { ...frame, exchange, routingKey }
      }
      case 'header': {
        const replyTo = frame.properties.replyTo
        const queue = replyTo === undefined ? undefined : this.queue(replyTo)
        if (queue === replyTo) return frame
        return { ...frame, properties: { ...valuesOf(frame.properties), replyTo: queue } }
      }
      default:
        return frame
    }
  }
}

/** The properties themselves are getters, which a spread does not see. */
const valuesOf = (properties: Properties): Properties =>
  properties instanceof WireProperties ? properties.values : properties
