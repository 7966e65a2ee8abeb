import { counted, Deferred, type Exchange, SparseMap, Worsening } from '../../core/index.ts'
import { type Amqp10Rule, MOST_CAUSES, oneLine } from './rule.ts'

/** Tells of outcomes for which `concerns` holds, by address and condition, the first time and when there are many more. */
const outcomes =
  (concerns: (exchange: Exchange) => boolean, verb: string): Amqp10Rule['watch'] =>
  (_, report) => {
    const causes = new SparseMap<
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
        const why = oneLine(outcome.split(' ').slice(1).join(' '))
        const message = `${who} ${verb} ${counted(seen.count, 'message')} of ${address}${why === '' ? '' : `: ${why}`}`
        if (side === 'client') report(message, seen.frames)
        else report(message, seen.frames, 'note')
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

/** So many of the messages that are sent settled are looked into: what an application does it does from the start. */
const MOST_READ = 1000

export const settledSends: Amqp10Rule = {
  id: 'amqp10/settled-sends',
  severity: 'note',
  title: 'Messages are published without an answer',
  why: 'A transfer that is sent settled is forgotten by its sender: nobody learns whether the broker stored, rejected or never received it, and what is on its way when the connection breaks is lost. That durable messages are sent so is a contradiction.',
  fix: 'Where messages matter, send them unsettled and wait for accepted (rhea snd_settle_mode 0, Proton AtLeastOnce, Qpid JMS without jms.presettlePolicy). Where they do not, nothing is wrong.',
  types: ['transfer'],
  watch: (_, report) => {
    let sent = 0
    let settled = 0
    let first = 0
    let durable = 0
    return {
      frame: (frame, { side }, number) => {
        if (frame.type !== 'transfer' || side !== 'client' || frame.deliveryId === undefined) return
        sent++
        if (frame.settled !== true || frame.aborted === true) return
        settled++
        if (first === 0) first = number
        if (durable > 0 || settled > MOST_READ || !(frame.message instanceof Deferred)) return
        if (frame.message.value.header?.durable === true) durable = number
      },
      end: () => {
        if (settled === 0) return
        const message = `${settled.toLocaleString('en-US')} of ${counted(sent, 'message')} sent settled`
        if (durable === 0) report(message, [first])
        else report(`${message}, though they are durable`, [durable], 'warning')
      },
    }
  },
}
