import { counted, Deferred, type Exchange, Worsening } from '../../core/index.ts'
import { type Amqp10Rule, MOST_CAUSES } from './rule.ts'

/** Tells of outcomes for which `concerns` holds, by address and condition, the first time and when there are many more. */
const outcomes =
  (concerns: (exchange: Exchange) => boolean, verb: string): Amqp10Rule['watch'] =>
  (_, report) => {
    const causes = new Map<
      string,
      { count: number; readonly frames: readonly number[]; readonly worsening: Worsening }
    >()
    return {
      ended: exchange => {
        const { outcome = '', address = 'no address', request, reply, side } = exchange
        if (exchange.ok !== false || !concerns(exchange)) return
        const condition = outcome.split(' ')[1]
        const cause = `${address} ${condition} ${side}`
        let seen = causes.get(cause)
        if (seen === undefined) {
          if (causes.size >= MOST_CAUSES) return
          causes.set(cause, (seen = { count: 0, frames: [request, reply], worsening: new Worsening() }))
        }
        seen.count++
        if (!seen.worsening.isTold(seen.count)) return
        const who = side === 'client' ? 'the broker' : 'the client'
        const [why = ''] = outcome.split(' ').slice(1).join(' ').split('\n')
        report(
          `${who} ${verb} ${counted(seen.count, 'message')} of ${address}${why === '' ? '' : `: ${why}`}`,
          seen.frames,
        )
      },
    }
  }

const DELIVERIES = new Set(['publish-confirm', 'deliver-ack'])

export const messageRejected: Amqp10Rule = {
  id: 'amqp10/message-rejected',
  severity: 'error',
  title: 'Messages are rejected',
  why: 'A message that the broker rejects was not stored; one that a consumer rejects is dead-lettered, or thrown away where there is no dead-letter exchange or address.',
  fix: 'Publishing: read the condition (a queue that is full with overflow reject-publish, a message that is too large, a permission), and have the application look at the outcome of every send. Consuming: look at the consumer’s log for what it could not process, and set a dead-letter exchange (x-dead-letter-exchange; Artemis dead-letter-address).',
  types: [],
  watch: outcomes(({ kind, outcome = '' }) => DELIVERIES.has(kind) && outcome.startsWith('rejected'), 'rejected'),
}

export const messageReleased: Amqp10Rule = {
  id: 'amqp10/message-released',
  severity: 'warning',
  title: 'The broker gives published messages back',
  why: 'RabbitMQ releases a message that it could route to no queue: it is lost unless the publisher looks at the outcome and sends it elsewhere.',
  fix: 'Bind a queue for this routing key, or set an alternate exchange (rabbitmqctl set_policy with alternate-exchange). Have the application treat released and modified as not sent.',
  types: [],
  watch: outcomes(
    ({ kind, outcome }) => kind === 'publish-confirm' && (outcome === 'released' || outcome === 'modified'),
    'gave back',
  ),
}

export const settledSends: Amqp10Rule = {
  id: 'amqp10/settled-sends',
  severity: 'note',
  title: 'Messages are published without an answer',
  why: 'A transfer that is sent settled is forgotten by its sender: nobody learns whether the broker stored, rejected or never received it, and what is on its way when the connection breaks is lost.',
  fix: 'Where messages matter, send them unsettled and wait for accepted (rhea snd_settle_mode 0, Proton AtLeastOnce, Qpid JMS jms.forceAsyncSend off and presettle policy off). Where they do not, nothing is wrong.',
  types: ['transfer'],
  watch: (_, report) => {
    let sent = 0
    let settled = 0
    let durable = false
    const frames: number[] = []
    return {
      frame: (frame, { side }, number) => {
        if (frame.type !== 'transfer' || side !== 'client' || frame.deliveryId === undefined) return
        sent++
        if (frame.settled !== true) return
        settled++
        if (frames.length > 0) return
        frames.push(number)
        durable = frame.message instanceof Deferred && frame.message.value.header?.durable === true
      },
      end: () => {
        if (settled === 0) return
        const message = `${counted(settled, 'message')} of ${sent} sent settled${durable ? ', though durable' : ''}`
        report(message, frames, durable ? 'warning' : 'note')
      },
    }
  },
}
