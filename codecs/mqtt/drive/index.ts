import { type Drive, topicFilter } from '../../core/index.ts'
import type { MqttContext } from '../header.ts'
import { MqttDriver } from './driver.ts'
import { LEVELS, options } from './options.ts'
import { SHARED } from './sources.ts'

export const drive: Drive<MqttContext> = {
  versions: Object.keys(LEVELS),
  options,
  open: each => new MqttDriver(each),
  shares: source => SHARED.test(source),
  reaches: (destination, source) => topicFilter(source.replace(SHARED, ''))(destination),
}
