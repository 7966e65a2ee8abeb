import { SparseMap, SparseSet } from '../../core/index.ts'
import type { AmqpRule } from './rule.ts'
import { Tags, type Unknown } from './tags.ts'

const types: NonNullable<AmqpRule['types']> = [
  ...(['channel.open', 'channel.close', 'basic.ack', 'basic.nack', 'basic.reject'] as const),
  ...(['basic.consume', 'basic.get', 'tx.select'] as const),
]

/** A rule over answers to delivery tags that do not wait for any. */
const over = (
  text: Omit<AmqpRule, 'types' | 'exchanges' | 'watch'>,
  say: (unknown: Unknown) => string | undefined,
): AmqpRule => ({
  ...text,
  types,
  exchanges: ['deliver-ack'],
  watch: (_, report) => {
    const tags = new Tags()
    return {
      began: exchange => tags.began(exchange),
      ended: exchange => tags.ended(exchange),
      unread: () => tags.blind(),
      frame: (frame, { side }, number) => {
        if (frame.type !== 'channel.close' && side === 'server') return
        const unknown = tags.frame(frame, number)
        const message = unknown && say(unknown)
        if (unknown !== undefined && message !== undefined) report(message, unknown.frames)
      },
    }
  },
})

export const unknownDeliveryTag = over(
  {
    id: 'amqp091/unknown-delivery-tag',
    severity: 'error',
    title: 'A delivery was acknowledged that the broker does not know',
    why: 'RabbitMQ closes the channel with 406 PRECONDITION_FAILED: its consumers are gone, and all else that was unacknowledged on it is delivered again. Mostly a message is acknowledged twice (by the framework and by hand, or in finally after a reject), or after the channel was opened anew, or a consumer with no-ack acknowledges at all.',
    fix: 'Acknowledge in one place. With automatic acknowledgement (auto-ack, no_ack=True) never call ack. Drop acknowledgements of deliveries from before a reconnect: tags count anew with each channel.',
  },
  ({ tag, scope, answers, reason: { kind } }) => {
    if (kind === 'twice') return `delivery ${tag} on ${scope} was answered more than once`
    if (kind === 'elsewhere') return undefined
    const seen = answers > 0 ? 'was answered' : 'was answered, as the broker says'
    return `delivery ${tag} on ${scope} ${seen}, where none of that tag waited for it`
  },
)

export const ackWrongChannel = over(
  {
    id: 'amqp091/ack-wrong-channel',
    severity: 'error',
    title: 'A delivery was acknowledged on another channel than it came on',
    why: 'Delivery tags count in their channel. On another one the tag is unknown, and the broker closes that channel with 406; or it is another message’s, which is then acknowledged though nobody has done its work.',
    fix: 'Acknowledge on the channel that delivered: keep the channel with the message when it is handed to a worker, and do not take one from a pool to acknowledge.',
  },
  ({ tag, scope, reason }) =>
    reason.kind === 'elsewhere' ? `delivery ${tag} came on ${reason.scope} and was answered on ${scope}` : undefined,
)

export const multipleAck: AmqpRule = {
  id: 'amqp091/multiple-ack-across-queues',
  severity: 'note',
  title: 'One acknowledgement covers the deliveries of several queues',
  why: 'With multiple, an acknowledgement covers everything on its channel up to its tag, whichever consumer it went to. If each consumer acknowledges its own last message so, it acknowledges what others have not done yet: that work is lost if they fail.',
  fix: 'Give each consumer a channel of its own, or acknowledge one by one (multiple=false).',
  types: ['channel.open'],
  exchanges: ['deliver-ack'],
  watch: ({ joined }, report) => {
    /** What the last acknowledgement on a channel covered first. */
    const batches = new SparseMap<string, { reply: number; address: string; request: number }>()
    const told = new SparseSet<string>()
    return {
      frame: frame => {
        if (frame.type === 'channel.open') told.delete(`ch=${frame.channel}`)
      },
      ended: ({ scope = '', address = '', request, reply, outcome }) => {
        // Who joins in the middle does not know the queues of consumers.
        if (outcome !== 'ack' || joined === 'middle') return
        const batch = batches.get(scope)
        if (batch === undefined) batches.set(scope, { reply, address, request })
        else if (batch.reply !== reply) {
          batch.reply = reply
          batch.address = address
          batch.request = request
        } else if (batch.address !== address && !told.has(scope)) {
          told.add(scope)
          const frames = [batch.request, request, reply]
          report(`one basic.ack on ${scope} covered deliveries of ${batch.address} and ${address}`, frames)
        }
      },
    }
  },
}
