import type { Said } from '../../core/index.ts'
import type { Amqp10Frame } from '../frames.ts'

export const ORDERLY = { action: 'same', orderly: true } as const

/** `frame`, and before it what is owed. */
export const after = (owed: readonly Amqp10Frame[], frame: Amqp10Frame): Said<Amqp10Frame> =>
  owed.length === 0 ? ORDERLY : { action: 'send', orderly: true, frames: [...owed, frame] }
