import type { Drive } from '../../core/index.ts'
import type { Context } from '../dialogue.ts'
import { isReached, isShared } from './address.ts'
import { Amqp10Driver } from './driver.ts'
import { options } from './options.ts'

export const drive: Drive<Context> = {
  versions: [],
  options,
  grants: 'link credit',
  open: each => new Amqp10Driver(each),
  shares: isShared,
  reaches: isReached,
  stays: () =>
    'queues that a broker made of addresses, which AMQP 1.0 has no way to; Artemis does, once they are empty and unused',
}
