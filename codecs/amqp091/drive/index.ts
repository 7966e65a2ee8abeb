import type { Drive } from '../../core/index.ts'
import type { Context } from '../delimit.ts'
import { AmqpDriver } from './driver.ts'
import { isRouted, options, sharesQueue } from './options.ts'

export const drive: Drive<Context> = {
  versions: [],
  options,
  open: each => new AmqpDriver(each),
  target: ({ exchange, routingKey }) => {
    if (typeof exchange !== 'string' || typeof routingKey !== 'string') return undefined
    if (exchange !== '') return { destination: routingKey, settings: { exchange } }
    // Queues that the server named, as for replies: nobody else may declare one of such a name [1.7.2.1].
    return routingKey.startsWith('amq.') ? undefined : { destination: routingKey, settings: {} }
  },
  shares: (_, settings) => sharesQueue(settings),
  reaches: isRouted,
}
