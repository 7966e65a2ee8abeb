import { counted, type Exchange, elapsed, fnv, overdue, Recent, Worsening } from '../../core/index.ts'
import { TransferredMessage } from '../track/message.ts'
import { type Amqp10Rule, MOST_CAUSES } from './rule.ts'

export const deliveryUnsettled: Amqp10Rule = {
  id: 'amqp10/delivery-unsettled',
  severity: 'warning',
  title: 'A delivery is not settled',
  why: 'The broker keeps the message for this consumer alone and cannot drop what lies behind it; in a queue that keeps order everything waits. When the link ends, all of them are delivered again.',
  fix: 'Find the path in the consumer that settles nothing: an exception that is swallowed, a promise that never ends, work that takes too long. Accept, release or reject on every path (rhea autoaccept: false wants delivery.accept(), Qpid JMS CLIENT_ACKNOWLEDGE wants acknowledge()), and grant less credit than is worked on at once.',
  watch: (_, report) =>
    overdue('deliver-ack', (oldest, waited, others) => {
      const { id, scope, address = 'no address', request } = oldest
      const more = others === 0 ? '' : `, and ${counted(others, 'other')} beside it`
      report(`delivery ${id} of ${address} on ${scope} was not settled for ${elapsed(waited)}${more}`, [request])
    }),
}

/** So often is no accident. */
const LOOP = 5

export const redeliveryLoop: Amqp10Rule = {
  id: 'amqp10/redelivery-loop',
  severity: 'error',
  title: 'A message comes again and again',
  why: 'A message that always fails (a poison message) and is released or modified goes back to its queue and comes at once: consumer and broker are busy with it, and what is behind it waits. Quorum queues stop at their delivery-limit (20 by default from RabbitMQ 4.0), Artemis at max-delivery-attempts (10); classic queues never do.',
  fix: 'Reject the message once it has failed a few times (delivery-count in its header tells how often), with a dead-letter exchange or address for the queue; retry later rather than at once. Modified with delivery-failed counts an attempt, released does not.',
  types: [],
  exchanges: ['deliver-ack'],
  watch: (_, report) => {
    interface Again {
      times: number
      frames: number[]
      readonly name: string
      readonly worsening: Worsening
    }
    const messages = new Recent<string, Again>(MOST_CAUSES)
    /** Those that were delivered, by their first frame. */
    const delivered = new Recent<number, Again>(MOST_CAUSES)
    const check = (again: Again, times: number, frame: number): void => {
      again.times = Math.max(again.times, times)
      again.frames = [...again.frames.slice(1 - LOOP), frame]
      if (again.worsening.isTold(again.times)) report(`${again.name} failed ${again.times} times`, again.frames)
    }
    return {
      message: message => {
        if (message.direction !== 'deliver' || !(message instanceof TransferredMessage)) return
        const { id, address = 'no address', frames, deliveryCount } = message
        const key = `${address} ${id ?? fnv(message.body)}`
        let again = messages.get(key)
        if (again === undefined) {
          const name = `${id === undefined ? 'a message' : `message ${id}`} of ${address}`
          messages.set(key, (again = { times: 0, frames: [], name, worsening: new Worsening(LOOP) }))
        }
        const frame = frames[0] as number
        delivered.set(frame, again)
        if (deliveryCount > again.times) check(again, deliveryCount, frame)
      },
      ended: ({ outcome = '', request }) => {
        if (!/^(?:released|modified)/.test(outcome)) return
        const again = delivered.get(request)
        if (again !== undefined) check(again, again.times + 1, request)
      },
    }
  },
}

export const transactionFailed: Amqp10Rule = {
  id: 'amqp10/transaction-failed',
  severity: 'error',
  title: 'A transaction failed',
  why: 'Nothing that was sent or settled in it counts: messages are not published, deliveries come again.',
  fix: 'Go by the condition: amqp:transaction:timeout wants shorter transactions (Artemis transaction-timeout), amqp:transaction:unknown-id one that ended with its link or session, amqp:not-implemented another broker (RabbitMQ has no transactions in AMQP 1.0). Run the whole transaction again.',
  types: [],
  watch: (_, report) => {
    const worsening = new Worsening()
    let failed = 0
    return {
      ended: ({ kind, ok, outcome = '', request, reply }: Exchange) => {
        if (ok !== false || !kind.startsWith('transaction')) return
        failed++
        if (worsening.isTold(failed))
          report(`${kind} failed (${counted(failed, 'time')}): ${outcome}`, [request, reply])
      },
    }
  },
}
