import type { Player, PlayOptions } from '../../core/index.ts'
import type { Context } from '../delimit.ts'
import type { AmqpFrame } from '../frames.ts'
import { AmqpPlayer } from './player.ts'

export const play = (options: PlayOptions): Player<AmqpFrame, Context> => new AmqpPlayer(options)
