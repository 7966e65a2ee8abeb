export { type DiffRequest, diff } from './diff.ts'
export { DIFF_FORMATS, type DiffFormat } from './formats.ts'
export { Generic } from './generic.ts'
