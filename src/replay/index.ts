export { type ReplayRequest, replay } from './replay.ts'
