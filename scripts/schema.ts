/** Writes docs/schema/ndjson.schema.json from the codecs' own description of their frames. */
import { writeFile } from 'node:fs/promises'
import { codecs } from '../codecs/index.ts'
import { ndjsonSchema } from '../src/output/index.ts'

const file = new URL('../docs/schema/ndjson.schema.json', import.meta.url)
await writeFile(file, `${JSON.stringify(ndjsonSchema(codecs), null, 2)}\n`)
