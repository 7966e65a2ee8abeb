import { bindingKey, type DriveSettings } from '../../core/index.ts'

/**
 * Addresses are opaque to AMQP 1.0. `/queue/`, `/topic/` and `/exchange/` are RabbitMQ's, `queue://` and `topic://`
 * ActiveMQ's; where neither stands, brokers take a capability of the node for it, and a queue without.
 */
const TOPIC = /^(\/topic\/|topic:\/\/)/
const EXCHANGE = /^\/exchange\//
const QUEUE = /^(\/queue\/|\/amq\/queue\/|queue:\/\/)/

const isTopic = (address: string, { node }: DriveSettings): boolean =>
  TOPIC.test(address) || (node === 'topic' && !QUEUE.test(address) && !EXCHANGE.test(address))

/** Whether receivers from it share what comes. */
export const isShared = (source: string, settings: DriveSettings): boolean =>
  !isTopic(source, settings) && !EXCHANGE.test(source)

/** Whether what is sent to `destination` comes to who receives from `source`. */
export function isReached(destination: string, source: string, settings: DriveSettings): boolean {
  const [to, from] = [plain(destination), plain(source)]
  if (isTopic(to, settings) !== isTopic(from, settings)) return false
  if (!isTopic(to, settings)) return to.replace(QUEUE, '') === from.replace(QUEUE, '')
  return bindingKey(from.replace(TOPIC, '').replace(/(^|\.)>$/, '$1#'))(to.replace(TOPIC, ''))
}

/** RabbitMQ has two names for the same. */
const plain = (address: string): string => address.replace(/^\/exchange\/amq\.topic\//, '/topic/')
