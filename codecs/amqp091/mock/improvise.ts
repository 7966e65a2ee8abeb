import { Table } from '../field-table.ts'
import type { AmqpFrame, MethodOf } from '../frames.ts'
import { methods } from '../tables.ts'
import type { AmqpAct } from './act.ts'

/** What RabbitMQ offers where nothing else is said. */
const CHANNEL_MAX = 2047
const FRAME_MAX = 131_072
const HEARTBEAT = 60

const START: MethodOf<'connection.start'> = {
  type: 'connection.start',
  channel: 0,
  versionMajor: 0,
  versionMinor: 9,
  serverProperties: Table.of({
    product: 'mqinspect',
    capabilities: {
      publisher_confirms: true,
      exchange_exchange_bindings: true,
      'basic.nack': true,
      consumer_cancel_notify: true,
      'connection.blocked': true,
      authentication_failure_close: true,
      per_consumer_qos: true,
    },
  }),
  mechanisms: 'PLAIN AMQPLAIN',
  locales: 'en_US',
}

/** What any broker says to that: undefined where it says nothing. */
export function improvised({ frame, channel, tag }: AmqpAct): AmqpFrame | undefined {
  switch (frame.type) {
    case 'protocol-header':
      return START
    case 'connection.start-ok':
    case 'connection.secure-ok':
      return { type: 'connection.tune', channel, channelMax: CHANNEL_MAX, frameMax: FRAME_MAX, heartbeat: HEARTBEAT }
    case 'basic.publish':
      return tag === 0 ? undefined : { type: 'basic.ack', channel, deliveryTag: tag, multiple: false }
    case 'queue.declare':
      return noWait(frame, { type: 'queue.declare-ok', channel, queue: frame.queue, messageCount: 0, consumerCount: 0 })
    case 'queue.purge':
    case 'queue.delete':
      return noWait(frame, { type: `${frame.type}-ok`, channel, messageCount: 0 })
    case 'basic.consume':
    case 'basic.cancel':
      return noWait(frame, { type: `${frame.type}-ok`, channel, consumerTag: frame.consumerTag })
    case 'basic.get':
      return { type: 'basic.get-empty', channel }
    case 'channel.flow':
      return { type: 'channel.flow-ok', channel, active: frame.active }
    case 'access.request':
      return { type: 'access.request-ok', channel, ticket: 0 }
    default: {
      const answer = `${frame.type}-ok`
      return answer in methods ? noWait(frame, { type: answer, channel } as AmqpFrame) : undefined
    }
  }
}

const noWait = (asked: AmqpFrame, answer: AmqpFrame): AmqpFrame | undefined =>
  'noWait' in asked && asked.noWait ? undefined : answer
