export { capturePorts } from './ports.ts'
export { type Capturing, captureInterface } from './run.ts'
export { type CaptureTool, findCaptureTool } from './tool.ts'
