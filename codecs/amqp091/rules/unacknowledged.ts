import { counted, type Exchange, elapsed, SparseMap, SparseSet } from '../../core/index.ts'
import { reasonOf } from '../track/reasons.ts'
import { type AmqpRule, MINUTE } from './rule.ts'

/** RabbitMQ's consumer_timeout: 1,800,000 ms. */
const CONSUMER_TIMEOUT = 30 * MINUTE
const LATE = MINUTE

/** Whether the broker gave a channel up as a delivery was not acknowledged in time: whatever the limit was. */
export const isTimeout = (reason: string): boolean => /delivery acknowledgement on channel .* timed out/.test(reason)

const named = ({ id, scope, address = '?', request }: Exchange): string =>
  `${id} of ${address} on ${scope} (frame ${request})`

export const deliveryUnacknowledged: AmqpRule = {
  id: 'amqp091/delivery-unacknowledged',
  severity: 'error',
  title: 'A delivery is not acknowledged',
  why: 'The queue keeps the message and cannot let go of what lies behind it. After consumer_timeout (30 minutes by default; as of 4.3 on quorum queues only) RabbitMQ closes the channel with 406 PRECONDITION_FAILED, “delivery acknowledgement on channel … timed out”, and delivers everything on it again.',
  fix: 'Find the path in the consumer that neither acknowledges nor rejects: an exception that is swallowed, a promise that never settles, work that takes too long. Acknowledge in finally; for long work raise consumer_timeout in rabbitmq.conf or by policy (consumer-timeout), or hand the work over and acknowledge.',
  types: ['heartbeat', 'basic.deliver', 'basic.ack', 'channel.close'],
  exchanges: ['deliver-ack'],
  watch: (_, report) => {
    const open = new SparseSet<Exchange>()
    let next = 0
    let told: Exchange | undefined
    /** The first delivery that the last end of a channel put an end to. */
    let cut: Exchange | undefined
    const overdue = (exchange: Exchange | undefined, time: number): void => {
      if (exchange === undefined || exchange === told || time - exchange.started < CONSUMER_TIMEOUT) return
      told = exchange
      const waiting = elapsed(time - exchange.started)
      report(`delivery ${named(exchange)} was not acknowledged for ${waiting}; consumer_timeout is 30 min`, [
        exchange.request,
      ])
    }
    const timedOut = (reason: string, time: number, number: number): void => {
      if (cut === undefined || cut === told) report(`a delivery was not acknowledged in time: ${reason}`, [number])
      else {
        const waiting = elapsed(time - cut.started)
        report(`delivery ${named(cut)} was not acknowledged for ${waiting}: ${reason}`, [cut.request, number])
      }
    }
    return {
      began: exchange => {
        open.add(exchange)
      },
      ended: exchange => {
        open.delete(exchange)
        if (!isTimeout(exchange.outcome ?? '')) overdue(exchange, exchange.ended)
        else if (cut?.ended !== exchange.ended) cut = exchange
      },
      frame: (frame, { time, side }, number) => {
        if (frame.type === 'channel.close') {
          const reason = reasonOf(frame)
          if (side === 'server' && isTimeout(reason)) timedOut(reason, time, number)
          cut = undefined
        }
        // The oldest is looked for now and then: it is found behind all that are gone.
        if (time < next) return
        next = time + MINUTE
        const [oldest] = open
        overdue(oldest, time)
      },
      end: (time, exchanges) => {
        const [first] = open
        overdue(first, time)
        let late = 0
        let oldest: Exchange | undefined
        for (const exchange of exchanges) {
          if (exchange.kind !== 'deliver-ack' || exchange.missed || time - exchange.started < LATE) continue
          if (oldest === undefined || exchange.started < oldest.started) oldest = exchange
          late++
        }
        if (oldest === undefined || oldest === told) return
        const which = `the oldest, ${named(oldest)}, for ${elapsed(time - oldest.started)}`
        const how = late === 1 ? 'was' : 'were'
        report(
          `${counted(late, 'delivery', 'deliveries')} ${how} unacknowledged at the end, ${which}`,
          [oldest.request],
          'warning',
        )
      },
    }
  },
}

/** Tells at these levels: a thousand first, then when it is ten times worse. */
const STEPS = [1_000, 10_000, 100_000]

export const unackedGrowth: AmqpRule = {
  id: 'amqp091/unacked-growth',
  severity: 'warning',
  title: 'Unacknowledged deliveries pile up',
  why: 'The broker holds each of them until it is acknowledged: its memory, and that of the consumer, grow with them. If the channel ends, all come again at once.',
  fix: 'Give the consumer a prefetch (basic.qos), acknowledge as work is done, and add consumers if they cannot keep up. If nothing is ever acknowledged, the acknowledgement is missing, or goes out on another channel.',
  types: ['channel.open', 'basic.qos'],
  exchanges: ['deliver-ack'],
  things: ['consumer'],
  watch: (_, report) => {
    interface Pile {
      /** How many the client let be sent to its consumers there; infinite where one has no limit. */
      allowed: number
      /** How many it let be sent to all of them together. */
      shared: number
      step: number
      answered: number
    }
    const channels = new SparseMap<string, Pile>()
    const of = (scope: string): Pile => {
      let pile = channels.get(scope)
      if (pile === undefined)
        channels.set(scope, (pile = { allowed: 0, shared: Number.POSITIVE_INFINITY, step: 0, answered: 0 }))
      return pile
    }
    return {
      frame: frame => {
        if (frame.type === 'channel.open') channels.delete(`ch=${frame.channel}`)
        else if (frame.type === 'basic.qos' && frame.global)
          of(`ch=${frame.channel}`).shared = frame.prefetchCount || Number.POSITIVE_INFINITY
      },
      topology: ({ action, details }) => {
        if (action !== 'add' || details?.noAck !== false) return
        of(`ch=${details.channel}`).allowed += Number(details.prefetch ?? 0) || Number.POSITIVE_INFINITY
      },
      ended: ({ scope = '' }) => {
        of(scope).answered++
      },
      level: ({ subject, name, value, frame }) => {
        if (name !== 'unacknowledged' || value < (STEPS[0] as number)) return
        const pile = of(subject)
        const limit = STEPS[pile.step]
        const asked = Math.min(pile.allowed || Number.POSITIVE_INFINITY, pile.shared)
        if (limit === undefined || value < limit || (asked < Number.POSITIVE_INFINITY && value <= asked)) return
        pile.step++
        report(
          `${counted(value, 'delivery', 'deliveries')} on ${subject} wait for an acknowledgement, ${pile.answered.toLocaleString('en-US')} were answered`,
          [frame],
        )
      },
    }
  },
}
