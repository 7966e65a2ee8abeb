export { type DiffRequest, diff } from './diff.ts'
