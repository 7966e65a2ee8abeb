import type { Tracker, TrackOptions } from '../../core/index.ts'
import type { StompFrame } from '../frames.ts'
import type { Context } from '../version.ts'
import { StompTracker } from './tracker.ts'

export const track = (options: TrackOptions): Tracker<StompFrame, Context> => new StompTracker(options)
