import type { Player, PlayOptions } from '../../core/index.ts'
import type { StompFrame } from '../frames.ts'
import type { Context } from '../version.ts'
import { StompPlayer } from './player.ts'

export const play = (options: PlayOptions): Player<StompFrame, Context> => new StompPlayer(options)
