import type { Tracker, TrackOptions } from '../../core/index.ts'
import type { MqttFrame } from '../frames.ts'
import type { MqttContext } from '../header.ts'
import { MqttTracker } from './tracker.ts'

export const track = (options: TrackOptions): Tracker<MqttFrame, MqttContext> => new MqttTracker(options)
