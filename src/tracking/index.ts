export { type TrackedObserver, Tracking, type TrackingOptions } from './tracking.ts'
