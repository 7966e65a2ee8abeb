export { type Evidence, evaluate } from './evaluate.ts'
export { IntervalLines } from './line.ts'
export { summaryText } from './summary.ts'
export { parseThreshold, type Threshold } from './threshold.ts'
