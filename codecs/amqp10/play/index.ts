import type { Player, PlayOptions } from '../../core/index.ts'
import type { Context } from '../dialogue.ts'
import type { Amqp10Frame } from '../frames.ts'
import { Amqp10Player } from './player.ts'

export const play = (options: PlayOptions): Player<Amqp10Frame, Context> => new Amqp10Player(options)
