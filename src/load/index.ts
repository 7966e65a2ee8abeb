export { load } from './load.ts'
export { compareResults } from './report/index.ts'
