export { merged } from './layers.ts'
export { readScenario } from './read.ts'
export { type Describe, scenarioSchema } from './schema.ts'
export { CONSUME, DURATION, GROUP, PUBLISH, RUN } from './shape.ts'
