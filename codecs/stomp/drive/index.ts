import type { Drive } from '../../core/index.ts'
import type { Context } from '../version.ts'
import { isReached, isShared } from './destination.ts'
import { StompDriver } from './driver.ts'
import { options } from './options.ts'

export const drive: Drive<Context> = {
  versions: ['1.2', '1.1', '1.0'],
  options,
  open: each => new StompDriver(each),
  shares: isShared,
  reaches: isReached,
  stays: () =>
    'queues that a broker made of destinations, which STOMP has no way to; RabbitMQ does, with x-expires=60000 in --header and in subscribeHeaders',
}
