import { type Drive, topicFilter } from '../../core/index.ts'
import type { MqttContext } from '../header.ts'
import { MqttDriver } from './driver.ts'
import { LEVELS, levelOf, options, qosOf } from './options.ts'
import { SHARED } from './sources.ts'

export const drive: Drive<MqttContext> = {
  versions: Object.keys(LEVELS),
  options,
  grants: 'receive maximum',
  open: each => new MqttDriver(each),
  // Only MQTT 5 has a receive maximum. Mosquitto answers no more than 20 at QoS 2 before it, unless told otherwise.
  usualInFlight: (version, settings) => (levelOf({ version }) < 5 && qosOf(settings) === 2 ? 20 : undefined),
  shares: source => SHARED.test(source),
  reaches: (destination, source) => topicFilter(source.replace(SHARED, ''))(destination),
}
