import { codecs } from '../codecs/index.ts'
import Load from '../commands/load.ts'
import Replay from '../commands/replay.ts'
import { loadSchema } from '../src/load/report/index.ts'
import { scenarioSchema } from '../src/load/scenario/index.ts'
import { ndjsonSchema } from '../src/output/index.ts'

type Described = Readonly<Record<string, { readonly description?: string | undefined }>>

const flags: Readonly<Record<'load' | 'replay', Described>> = { load: Load.flags, replay: Replay.flags }

/** The JSON Schemas in docs/schema, made from what describes the same in the code. */
export const schemas = {
  ndjson: ndjsonSchema(codecs),
  load: loadSchema(),
  scenario: scenarioSchema((command, flag) => flags[command][flag]?.description),
}
