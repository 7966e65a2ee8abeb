export { type TrackedObserver, Tracking } from './tracking.ts'
