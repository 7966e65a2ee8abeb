export { Recorder, type RecorderOptions, type RecordingSummary } from './recorder.ts'
