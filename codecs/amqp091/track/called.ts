import { nameOf } from '../destination.ts'
import type { AmqpFrame } from '../frames.ts'
import { versionOf } from '../summary.ts'
import type { Channel } from './channel.ts'
import { reasonOf, SUCCESS } from './reasons.ts'

/** What a call is about: a queue, an exchange, a virtual host. */
export function subjectOf(frame: AmqpFrame, channel: Channel): string | undefined {
  switch (frame.type) {
    case 'protocol-header':
      return versionOf(frame)
    case 'connection.start-ok':
      return nameOf(frame.mechanism)
    case 'connection.open':
      return nameOf(frame.virtualHost)
    case 'connection.close':
    case 'channel.close':
      return frame.replyCode === SUCCESS ? undefined : reasonOf(frame)
    case 'exchange.declare':
    case 'exchange.delete':
      return nameOf(frame.exchange)
    case 'exchange.bind':
    case 'exchange.unbind':
      return nameOf(frame.destination)
    case 'queue.declare':
      return nameOf(frame.queue) || undefined
    case 'queue.bind':
    case 'queue.unbind':
    case 'queue.delete':
    case 'queue.purge':
    case 'basic.consume':
    case 'basic.get':
      return nameOf(frame.queue) || channel.queue
    case 'basic.cancel':
      return channel.consumers.get(nameOf(frame.consumerTag))?.queue ?? nameOf(frame.consumerTag)
    default:
      return undefined
  }
}

/** What an answer says beside yes. */
export function answerOf(frame: AmqpFrame): string | undefined {
  switch (frame.type) {
    case 'basic.get-empty':
      return 'empty'
    case 'queue.declare-ok':
      return `${nameOf(frame.queue)}: ${frame.messageCount} messages, ${frame.consumerCount} consumers`
    case 'queue.delete-ok':
    case 'queue.purge-ok':
      return `${frame.messageCount} messages`
    case 'connection.tune-ok':
      return `channel-max ${frame.channelMax}, frame-max ${frame.frameMax}, heartbeat ${frame.heartbeat} s`
    default:
      return undefined
  }
}
