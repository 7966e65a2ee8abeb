import type { AmqpFrame } from './frames.ts'
import type { Text } from './strings.ts'
import { quote } from './summary.ts'

/** Where a message was sent, of the frames that say so. */
export function destination(frame: AmqpFrame): string | undefined {
  switch (frame.type) {
    case 'basic.publish':
    case 'basic.deliver':
    case 'basic.get-ok':
    case 'basic.return':
      return addressOf(frame)
    default:
      return undefined
  }
}

/** `orders/eu.new`. The default exchange has no name: its routing keys are queues. */
export function addressOf({ exchange, routingKey }: { exchange: Text; routingKey: Text }): string {
  return exchange === '' ? nameOf(routingKey) : `${nameOf(exchange)}/${nameOf(routingKey)}`
}

/** A name as text, for what is not text too. */
export const nameOf = (text: Text): string => (typeof text === 'string' ? text : quote(text))
