/** Writes the JSON Schemas in docs/schema from what describes the same in the code. */
import { writeFile } from 'node:fs/promises'
import { codecs } from '../codecs/index.ts'
import { loadSchema } from '../src/load/report/index.ts'
import { ndjsonSchema } from '../src/output/index.ts'

for (const [name, schema] of [
  ['ndjson', ndjsonSchema(codecs)],
  ['load', loadSchema()],
] as const) {
  const file = new URL(`../docs/schema/${name}.schema.json`, import.meta.url)
  await writeFile(file, `${JSON.stringify(schema, null, 2)}\n`)
}
