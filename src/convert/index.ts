export { type ConvertRequest, convert } from './convert.ts'
