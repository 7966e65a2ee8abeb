/** Writes the pages of docs/findings from the rules. */
import { mkdir, writeFile } from 'node:fs/promises'
import { codecs } from '../codecs/index.ts'
import { findingsIndex, findingsPage, ruled, trafficRules } from '../src/findings/index.ts'

const folder = new URL('../docs/findings/', import.meta.url)
await mkdir(folder, { recursive: true })
for (const protocol of ruled(codecs)) {
  await writeFile(new URL(`${protocol.id}.md`, folder), findingsPage(protocol))
}
await writeFile(new URL('README.md', folder), findingsIndex(codecs, trafficRules))
