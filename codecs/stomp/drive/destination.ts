import { bindingKey } from '../../core/index.ts'

/**
 * Destinations are opaque to STOMP; that `/queue/` and `/topic/` stand for what they say is what brokers agree on.
 * `/exchange/` is RabbitMQ's: each subscription has a queue of its own.
 */
const EACH = /^\/(topic|temp-topic|exchange)\//

/** Whether subscriptions to it share what comes. */
export const isShared = (source: string): boolean => !EACH.test(source)

/** Whether what is sent to `destination` comes to who subscribed to `source`. */
export function isReached(destination: string, source: string): boolean {
  const to = plain(destination)
  const from = plain(source)
  if (to === from) return true
  if (!from.startsWith(TOPIC) || !to.startsWith(TOPIC)) return false
  // RabbitMQ's wildcards are those of topic exchanges; ActiveMQ and Artemis have `>` or `#` for the rest.
  return bindingKey(from.slice(TOPIC.length).replace(/(^|\.)>$/, '$1#'))(to.slice(TOPIC.length))
}

const TOPIC = '/topic/'

/** RabbitMQ has other names for the same. */
const plain = (destination: string): string =>
  destination.replace(/^\/amq\/queue\//, '/queue/').replace(/^\/exchange\/amq\.topic\//, TOPIC)
