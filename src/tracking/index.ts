export { type LevelChange, type TrackedObserver, Tracking, type TrackingOptions } from './tracking.ts'
