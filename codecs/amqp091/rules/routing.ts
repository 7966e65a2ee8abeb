import { type Exchange, SparseMap, SparseSet } from '../../core/index.ts'
import { nameOf } from '../destination.ts'
import { ContentMessage } from '../track/message.ts'
import { reasonOf } from '../track/reasons.ts'
import { type AmqpRule, MOST_NAMES } from './rule.ts'

/** The queues of which the broker said that they are not there, and the frames that say so. */
class Missing {
  readonly #frames = new SparseMap<string, number>()

  ended({ kind, ok, outcome = '', address, reply }: Exchange): void {
    if (kind === 'queue.declare' && ok === false && outcome.startsWith('404 ')) this.#add(address, reply)
  }

  topology({ kind, action, name, frame }: { kind: string; action: string; name: string; frame: number }): void {
    if (kind !== 'queue') return
    if (action === 'remove') this.#add(name, frame)
    else this.#frames.delete(name)
  }

  get(name: string): number | undefined {
    return this.#frames.get(name)
  }

  delete(name: string): void {
    this.#frames.delete(name)
  }

  #add(name: string | undefined, frame: number): void {
    if (name !== undefined && this.#frames.size < MOST_NAMES) this.#frames.set(name, frame)
  }
}

export const unroutableUnnoticed: AmqpRule = {
  id: 'amqp091/unroutable-unnoticed',
  severity: 'error',
  title: 'Messages go to a queue that does not exist, and nobody is told',
  why: 'What no queue takes is dropped; without mandatory the publisher does not hear of it, and confirms are positive. To the default exchange the routing key is the queue’s name: if there is no such queue, every message is lost.',
  fix: 'Declare the queue before publishing to it (declaring is idempotent), publish with mandatory and handle basic.return, or give the exchange an alternate-exchange. rabbitmq_global_messages_unroutable_dropped_total counts what was dropped.',
  watch: (_, report) => {
    const missing = new Missing()
    return {
      ended: exchange => missing.ended(exchange),
      topology: change => missing.topology(change),
      message: message => {
        if (!(message instanceof ContentMessage) || message.method?.type !== 'basic.publish') return
        const { exchange, routingKey, mandatory } = message.method
        if (exchange !== '' || mandatory) return
        const queue = nameOf(routingKey)
        const since = missing.get(queue)
        if (since === undefined) return
        missing.delete(queue)
        report(`a message was published to ${queue}, which was not there, without mandatory`, [since, message.first])
      },
    }
  },
}

export const messageReturned: AmqpRule = {
  id: 'amqp091/message-returned',
  severity: 'warning',
  title: 'A mandatory message came back',
  why: 'No queue took it: a binding is missing, a routing key is wrong, or the queue is gone. The message is lost unless the publisher handles basic.return. With confirms it is confirmed all the same, after it was returned.',
  fix: 'Compare routing key and bindings (rabbitmqctl list_bindings). Have the publisher treat a return as a failure (ReturnListener, setReturnsCallback, channel.on(‘return’)), or catch such messages with an alternate-exchange.',
  watch: (_, report) => {
    const told = new SparseSet<string>()
    return {
      message: message => {
        if (!(message instanceof ContentMessage) || message.method?.type !== 'basic.return') return
        const { address = '', first, method } = message
        if (told.has(address) || told.size === MOST_NAMES) return
        told.add(address)
        report(`a message to ${address} was returned: ${reasonOf(method)}`, [first])
      },
    }
  },
}
