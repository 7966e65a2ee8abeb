export { capturePorts } from './ports.ts'
export { captureInterface } from './run.ts'
export { findCaptureTool } from './tool.ts'
