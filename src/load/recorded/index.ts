export { type Recorded, type RecordedMessage, readRecorded } from './read.ts'
export { RecordedArrivals, type Rhythm } from './rhythm.ts'
