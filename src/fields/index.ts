export type { Cost, Field, Fields, Name, Test } from './field.ts'
export { type FrameRow, frameColumns, frameFields } from './frames.ts'
export { objectFields } from './objects.ts'
export { reach } from './path.ts'
