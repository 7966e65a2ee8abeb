/**
 * Writes what decoding gives into the wire vectors: `npm run bless`, or `npm run bless -- mqtt connect` for the files
 * whose path holds all the words. Read the difference before committing it: what is written here is what tests expect.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { carriers, codecs } from '../codecs/index.ts'
import { render } from '../test/battery/render.ts'
import { run } from '../test/battery/run.ts'
import { folderOf, parseVector, withExpected } from '../test/battery/wire.ts'

const words = process.argv.slice(2)

for (const codec of [...codecs, ...carriers.map(({ codec }) => codec)]) {
  const folder = folderOf(codec)
  if (!existsSync(folder)) continue
  for (const name of readdirSync(folder).sort()) {
    const file = join(folder, name)
    if (!name.endsWith('.wire') || !words.every(word => file.includes(word))) continue
    const text = readFileSync(file, 'utf8')
    const vector = parseVector(text, file)
    const expected = run(codec, vector.steps, vector.joined)
      .map(packet => render(codec, packet))
      .join('')
    if (expected === vector.expected) continue
    writeFileSync(file, withExpected(text, expected))
    console.log(`blessed ${file}`)
  }
}
