export { diff } from './diff.ts'
export { genericOf } from './generic.ts'
