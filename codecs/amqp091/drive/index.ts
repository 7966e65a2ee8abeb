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
    return { destination: routingKey, settings: exchange === '' ? {} : { exchange } }
  },
  shares: (_, settings) => sharesQueue(settings),
  reaches: isRouted,
}
