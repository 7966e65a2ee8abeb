import type { Mocking } from '../../core/index.ts'
import type { MqttFrame } from '../frames.ts'
import type { MqttContext } from '../header.ts'
import type { MqttAct } from './act.ts'
import { MqttActor } from './actor.ts'
import { MqttReader } from './reader.ts'

export const mock: Mocking<MqttFrame, MqttAct, MqttContext> = {
  reader: () => new MqttReader(),
  actor: options => new MqttActor(options),
}
