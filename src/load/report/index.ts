export { type Evidence, evaluate } from './evaluate.ts'
export { parseThreshold, type Threshold } from './threshold.ts'
