import type { Player, PlayOptions } from '../../core/index.ts'
import type { Connection } from '../dialogue.ts'
import type { DatagramFrame, ReliableFrame } from '../frames.ts'
import { DatagramPlayer } from './datagrams.ts'
import { ReliablePlayer } from './reliable.ts'

export const playDatagrams = (options: PlayOptions): Player<DatagramFrame, null> => new DatagramPlayer(options)
export const playReliable = (options: PlayOptions): Player<ReliableFrame, Connection> => new ReliablePlayer(options)
