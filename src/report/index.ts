export { junit } from './junit.ts'
export { sarif } from './sarif.ts'
export { junitXml, type TestCase } from './suite.ts'
