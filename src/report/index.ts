export { junit } from './junit.ts'
export type { ReportOptions } from './report.ts'
export { sarif } from './sarif.ts'
export { junitXml, type TestCase } from './suite.ts'
