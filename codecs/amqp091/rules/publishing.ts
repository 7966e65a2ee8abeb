import { type Message, SparseSet } from '../../core/index.ts'
import { ContentMessage } from '../track/message.ts'
import { type AmqpRule, MOST_NAMES } from './rule.ts'

const PERSISTENT = 2

/** What a client published: with the frames that rules look into. */
const published = (message: Message): ContentMessage | undefined =>
  message.direction === 'publish' && message instanceof ContentMessage && message.method !== undefined
    ? message
    : undefined

export const unconfirmedPersistent: AmqpRule = {
  id: 'amqp091/unconfirmed-persistent',
  severity: 'warning',
  title: 'Persistent messages are published without confirms',
  why: 'basic.publish has no answer: a client knows nothing of a message that was under way when the connection broke, the broker failed, or the channel was closed. Delivery mode 2 asks for messages to outlive a restart, yet without confirms nobody knows that they got that far.',
  fix: 'Turn on publisher confirms (confirm.select: confirmSelect, publisher-confirm-type=correlated, createConfirmChannel, channel.confirm_delivery) and publish again what is not confirmed. Confirms may be awaited in batches: they cost little.',
  types: ['channel.open', 'confirm.select', 'tx.select'],
  watch: ({ joined }, report) => {
    /** Channels whose whole life was seen, and that have neither. */
    const bare = new SparseSet<number>()
    let told = joined === 'middle'
    return {
      frame: frame => {
        if (frame.type === 'channel.open') bare.add(frame.channel)
        else if ('channel' in frame) bare.delete(frame.channel)
      },
      message: message => {
        if (told) return
        const content = published(message)
        if (content === undefined || !bare.has(content.channel)) return
        if (content.content?.properties.deliveryMode !== PERSISTENT) return
        told = true
        const where = `${content.address} on ch=${content.channel}`
        report(`a persistent message was published to ${where} without confirms or a transaction`, [content.first])
      },
    }
  },
}

export const transientToDurable: AmqpRule = {
  id: 'amqp091/transient-to-durable',
  severity: 'note',
  title: 'Transient messages go to a durable queue',
  why: 'The queue outlives a restart of the broker, the messages in it do not: a classic queue drops them. That is seldom meant.',
  fix: 'Publish with delivery-mode 2 (MessageProperties.PERSISTENT_*, persistent: true, delivery_mode=2), or declare the queue transient and exclusive if its messages may go.',
  things: ['queue'],
  watch: (_, report) => {
    const durable = new SparseSet<string>()
    return {
      topology: ({ action, name, details }) => {
        if (action === 'remove') durable.delete(name)
        // An exclusive one is gone with its connection, which does not outlive a restart either.
        if (action !== 'add' || details?.durable !== true || details.exclusive === true) return
        // Quorum queues and streams write everything to disk, whatever the message says.
        const { 'x-queue-type': type = 'classic' } = (details.arguments ?? {}) as Record<string, unknown>
        if (type === 'classic' && durable.size < MOST_NAMES) durable.add(name)
      },
      message: message => {
        if (durable.size === 0) return
        const content = published(message)
        const { exchange, routingKey } = content?.method ?? {}
        if (content === undefined || exchange !== '' || typeof routingKey !== 'string') return
        if (!durable.has(routingKey) || content.content?.properties.deliveryMode === PERSISTENT) return
        durable.delete(routingKey)
        report(`a transient message was published to ${routingKey}, which is durable`, [content.first])
      },
    }
  },
}
