export { type DiffRequest, diff } from './diff.ts'
export { Generic } from './generic.ts'
