export { type DiffRequest, diff } from './diff.ts'
export { genericOf } from './generic.ts'
