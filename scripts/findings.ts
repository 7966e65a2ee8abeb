/** Writes the pages of docs/findings from the rules. */
import { mkdir, writeFile } from 'node:fs/promises'
import { codecs } from '../codecs/index.ts'
import { findingsIndex, findingsPage, trafficRules } from '../src/findings/index.ts'

const folder = new URL('../docs/findings/', import.meta.url)
await mkdir(folder, { recursive: true })
for (const codec of codecs) {
  if (codec.rules !== undefined) await writeFile(new URL(`${codec.id}.md`, folder), findingsPage(codec))
}
await writeFile(new URL('README.md', folder), findingsIndex(codecs, trafficRules))
