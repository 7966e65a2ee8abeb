import type { Tracker, TrackOptions } from '../../core/index.ts'
import type { Context } from '../dialogue.ts'
import type { Amqp10Frame } from '../frames.ts'
import { Amqp10Tracker } from './tracker.ts'

export const track = (options: TrackOptions): Tracker<Amqp10Frame, Context> => new Amqp10Tracker(options)
