import { counted, elapsed, GIVEN_UP, overdue, SparseMap, SparseSet, Worsening } from '../../core/index.ts'
import type { CommandFrame } from '../frames.ts'
import { MOST_NAMES, type StompRule } from './rule.ts'

export const deliveryUnacknowledged: StompRule = {
  id: 'stomp/delivery-unacknowledged',
  severity: 'warning',
  title: 'A message is not acknowledged',
  why: 'The broker keeps it for this consumer alone. When the connection ends it is delivered again. RabbitMQ closes the subscription after consumer_timeout (30 minutes by default) with an ERROR.',
  fix: 'Find the path in the consumer that sends neither ACK nor NACK: an exception that is swallowed, a promise that never ends, work that takes too long. With STOMP 1.2 acknowledge by the MESSAGE’s ack header, not by its message-id. In mode client one ACK is for all before it.',
  watch: (_, report) =>
    overdue('deliver-ack', (oldest, waited, others) => {
      const { id, scope, address = 'no destination', request } = oldest
      const more = others === 0 ? '' : `, and ${counted(others, 'other')} beside it`
      report(`message ${id} of ${address} (${scope}) was not acknowledged for ${elapsed(waited)}${more}`, [request])
    }),
}

/** So many at once are more than anybody works on. */
const MANY = 1000

export const unackedGrowth: StompRule = {
  id: 'stomp/unacked-growth',
  severity: 'warning',
  title: 'Unacknowledged messages pile up',
  why: 'The broker holds each of them until it is acknowledged: its memory, and the consumer’s, grow with them. When the connection ends all come again at once.',
  fix: 'Limit them: prefetch-count on SUBSCRIBE for RabbitMQ (it sends all there is otherwise), activemq.prefetchSize for ActiveMQ, consumer-window-size for Artemis. Acknowledge as work is done. If nothing is ever acknowledged, the ACK is missing or names the wrong header.',
  types: [],
  watch: (_, report) => {
    const piles = new SparseMap<string, Worsening>()
    return {
      level: ({ subject, name, value, frame }) => {
        if (name !== 'unacknowledged' || value < MANY) return
        let pile = piles.get(subject)
        if (pile === undefined) {
          if (piles.size >= MOST_NAMES) return
          piles.set(subject, (pile = new Worsening(MANY)))
        }
        if (!pile.isTold(value)) return
        report(`${counted(value, 'message')} of ${subject} wait for an acknowledgement`, [frame])
      },
    }
  },
}

export const ackUnknown: StompRule = {
  id: 'stomp/ack-unknown',
  severity: 'error',
  title: 'An acknowledgement names no message that waits for one',
  why: 'RabbitMQ answers with an ERROR and closes the connection; ActiveMQ with an ERROR. The message that was meant stays unacknowledged and comes again.',
  fix: 'Acknowledge each message once, on the connection that it came on, before UNSUBSCRIBE, and not at all in mode auto. STOMP 1.2: id is the MESSAGE’s ack header; 1.1: message-id and subscription; 1.0: message-id. In mode client one ACK is for all before it: acknowledging those then is an error.',
  types: ['SUBSCRIBE', 'MESSAGE', 'ACK', 'NACK'],
  exchanges: ['deliver-ack'],
  watch: ({ joined }, report) => {
    /** Not all deliveries were seen, or not all were remembered. */
    let blind = joined === 'middle'
    let answered = 0
    let told = false
    return {
      ended: ({ reply, outcome }) => {
        if (reply !== 0) answered = reply
        if (outcome === GIVEN_UP) blind = true
      },
      unread: () => {
        blind = true
      },
      frame: (frame, _packet, number) => {
        if (frame.type !== 'ACK' && frame.type !== 'NACK') return
        const { transaction, id, messageId } = frame as CommandFrame
        // In a transaction it counts from its COMMIT on, which answers it.
        if (blind || told || transaction !== undefined || answered === number) return
        told = true
        const name = id ?? messageId
        const what = name === undefined ? 'no message' : `${name}, which does not wait for one`
        report(`a${frame.type === 'ACK' ? 'n ACK' : ' NACK'} names ${what}`, [number])
      },
    }
  },
}

/** So often is no accident. */
const LOOP = 5

export const redeliveryLoop: StompRule = {
  id: 'stomp/redelivery-loop',
  severity: 'error',
  title: 'Messages are refused and come again and again',
  why: 'RabbitMQ puts a message that gets a NACK back to the head of its queue, and it comes at once: consumer and broker are busy with it, and what is behind it waits. It never stops on classic queues.',
  fix: 'RabbitMQ: NACK with requeue:false, or default_nack_requeue = false, and a dead-letter exchange for the queue. ActiveMQ dead-letters after maximumRedeliveries. Retry later (a delayed queue) rather than at once.',
  types: ['MESSAGE'],
  watch: (_, report) => {
    interface Again {
      times: number
      frames: number[]
      readonly worsening: Worsening
    }
    const subscriptions = new SparseMap<string, Again>()
    /** Messages that say that they came before, and wait for an answer. */
    const redelivered = new SparseSet<number>()
    return {
      frame: (frame, { side }, number) => {
        if (side !== 'server' || (frame as CommandFrame).headers.get('redelivered') !== 'true') return
        if (redelivered.size < MOST_NAMES) redelivered.add(number)
      },
      ended: ({ ok, scope = '', address, request, reply }) => {
        if (!redelivered.delete(request) || reply === 0) return
        if (ok !== false) {
          subscriptions.delete(scope)
          return
        }
        let again = subscriptions.get(scope)
        if (again === undefined) {
          if (subscriptions.size >= MOST_NAMES) return
          subscriptions.set(scope, (again = { times: 0, frames: [], worsening: new Worsening(LOOP) }))
        }
        again.times++
        again.frames = [...again.frames.slice(1 - LOOP), request]
        if (!again.worsening.isTold(again.times)) return
        report(`${again.times} messages of ${address} in a row had come before, and were refused again`, again.frames)
      },
    }
  },
}
