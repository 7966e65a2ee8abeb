import type { Tracker, TrackOptions } from '../../core/index.ts'
import type { Context } from '../delimit.ts'
import type { AmqpFrame } from '../frames.ts'
import { AmqpTracker } from './tracker.ts'

export const track = (options: TrackOptions): Tracker<AmqpFrame, Context> => new AmqpTracker(options)
