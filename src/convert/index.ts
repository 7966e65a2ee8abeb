export { CONVERT_FORMATS, type ConvertRequest, convert } from './convert.ts'
