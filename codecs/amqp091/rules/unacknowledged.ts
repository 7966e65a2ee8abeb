import { counted, type Exchange, elapsed } from '../../core/index.ts'
import { type AmqpRule, MINUTE } from './rule.ts'

/** RabbitMQ's consumer_timeout: 1,800,000 ms. */
const CONSUMER_TIMEOUT = 30 * MINUTE
const LATE = MINUTE

const named = ({ id, scope, address = '?', request }: Exchange): string =>
  `${id} of ${address} on ${scope} (frame ${request})`

export const deliveryUnacknowledged: AmqpRule = {
  id: 'amqp091/delivery-unacknowledged',
  severity: 'error',
  title: 'A delivery is not acknowledged',
  why: 'The queue keeps the message and cannot let go of what lies behind it. After consumer_timeout (30 minutes by default) RabbitMQ closes the channel with 406 PRECONDITION_FAILED, “delivery acknowledgement on channel … timed out”, and delivers everything on it again.',
  fix: 'Find the path in the consumer that neither acknowledges nor rejects: an exception that is swallowed, a promise that never settles, work that takes too long. Acknowledge in finally; for long work raise consumer_timeout in rabbitmq.conf or by policy (consumer-timeout), or hand the work over and acknowledge.',
  types: ['heartbeat', 'basic.deliver', 'basic.ack'],
  watch: (_, report) => {
    const open = new Set<Exchange>()
    let next = 0
    let told: Exchange | undefined
    const overdue = (time: number): void => {
      const [oldest] = open
      if (oldest === undefined || oldest === told || time - oldest.started < CONSUMER_TIMEOUT) return
      told = oldest
      const waiting = elapsed(time - oldest.started)
      report(`delivery ${named(oldest)} was not acknowledged for ${waiting}; consumer_timeout is 30 min`, [
        oldest.request,
      ])
    }
    return {
      began: exchange => {
        if (exchange.kind === 'deliver-ack') open.add(exchange)
      },
      ended: exchange => {
        if (exchange.kind !== 'deliver-ack') return
        overdue(exchange.ended)
        open.delete(exchange)
      },
      frame: (_frame, { time }) => {
        if (time < next) return
        next = time + MINUTE
        overdue(time)
      },
      end: (time, exchanges) => {
        overdue(time)
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
  types: ['channel.open'],
  watch: (_, report) => {
    interface Pile {
      /** How many the client let be sent to it; infinite where it set no limit. */
      allowed: number
      step: number
      answered: number
    }
    const channels = new Map<string, Pile>()
    const of = (scope: string): Pile => {
      let pile = channels.get(scope)
      if (pile === undefined) channels.set(scope, (pile = { allowed: 0, step: 0, answered: 0 }))
      return pile
    }
    return {
      frame: frame => {
        if (frame.type === 'channel.open') channels.delete(`ch=${frame.channel}`)
      },
      topology: ({ action, kind, details }) => {
        if (action !== 'add' || kind !== 'consumer' || details?.noAck !== false) return
        of(`ch=${details.channel}`).allowed += Number(details.prefetch ?? 0) || Number.POSITIVE_INFINITY
      },
      ended: ({ kind, scope = '' }) => {
        if (kind === 'deliver-ack') of(scope).answered++
      },
      level: ({ subject, name, value, frame }) => {
        if (name !== 'unacknowledged' || value < (STEPS[0] as number)) return
        const pile = of(subject)
        const limit = STEPS[pile.step]
        if (
          limit === undefined ||
          value < limit ||
          (pile.allowed > 0 && value <= pile.allowed && pile.allowed < Infinity)
        )
          return
        pile.step++
        report(
          `${counted(value, 'delivery', 'deliveries')} on ${subject} wait for an acknowledgement, ${pile.answered.toLocaleString('en-US')} were answered`,
          [frame],
        )
      },
    }
  },
}
