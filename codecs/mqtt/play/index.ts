import type { Player, PlayOptions } from '../../core/index.ts'
import type { MqttFrame } from '../frames.ts'
import type { MqttContext } from '../header.ts'
import { MqttPlayer } from './player.ts'

export const play = (options: PlayOptions): Player<MqttFrame, MqttContext> => new MqttPlayer(options)
