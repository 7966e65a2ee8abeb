/** Writes docs/findings/PROTOCOL.md from the rules: `node scripts/findings.ts amqp10 stomp`, or all that have rules. */
import { mkdir, writeFile } from 'node:fs/promises'
import { codecs } from '../codecs/index.ts'
import { findingsPage } from '../src/findings/index.ts'

const wanted = process.argv.slice(2)
const folder = new URL('../docs/findings/', import.meta.url)
await mkdir(folder, { recursive: true })
for (const codec of codecs) {
  if (codec.rules === undefined || (wanted.length > 0 && !wanted.includes(codec.id))) continue
  await writeFile(new URL(`${codec.id}.md`, folder), findingsPage(codec))
}
