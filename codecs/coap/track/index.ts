import type { Tracker, TrackOptions } from '../../core/index.ts'
import type { CoapFrame } from '../frames.ts'
import { CoapTracker } from './tracker.ts'

type Track = (options: TrackOptions) => Tracker<CoapFrame, unknown>

export const trackDatagrams: Track = options => new CoapTracker(options, false)
export const trackReliable: Track = options => new CoapTracker(options, true)
