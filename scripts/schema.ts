/** Writes the JSON Schemas in docs/schema. */
import { writeFile } from 'node:fs/promises'
import { schemas } from './schemas.ts'

for (const [name, schema] of Object.entries(schemas)) {
  const file = new URL(`../docs/schema/${name}.schema.json`, import.meta.url)
  await writeFile(file, `${JSON.stringify(schema, null, 2)}\n`)
}
