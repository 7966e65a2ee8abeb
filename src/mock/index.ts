export { type MockRequest, mock } from './mock.ts'
