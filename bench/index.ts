/**
 * Runs the benchmarks, each in a process of its own, so that what one has made hot or left in memory is nothing to the
 * next.
 *
 *     npm run bench [-- NAME…]      a part of a benchmark's name chooses it: decode, codecs, codecs/mqtt
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = new URL('.', import.meta.url)
const codecs = readdirSync(new URL('codecs', folder)).map(name => `codecs/${name}`)
const all = [
  ...codecs,
  'capture.ts',
  'connections.ts',
  'decode.ts',
  'load.ts',
  'open.ts',
  'proxy.ts',
  'recording.ts',
  'tui.ts',
].map(name => name.replace(/\.ts$/, ''))
const wanted = process.argv.slice(2)
const chosen = wanted.length === 0 ? all : all.filter(name => wanted.some(part => name.includes(part)))
if (chosen.length === 0) {
  console.error(`no benchmark is called ${wanted.join(' or ')}: there are ${all.join(', ')}`)
  process.exitCode = 2
}
for (const name of chosen) {
  console.log(`== ${name}\n`)
  const path = fileURLToPath(new URL(`${name}.ts`, folder))
  const { status } = spawnSync(process.execPath, ['--expose-gc', path], { stdio: 'inherit' })
  if (status !== 0) {
    console.error(`${name} ended with ${status}`)
    process.exitCode = 1
  }
}
