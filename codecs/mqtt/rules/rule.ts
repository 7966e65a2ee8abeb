import type { Rule } from '../../core/index.ts'
import type { MqttFrame } from '../frames.ts'
import type { MqttContext } from '../header.ts'

export type MqttRule = Rule<MqttFrame, MqttContext>
