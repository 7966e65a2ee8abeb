/**
 * Makes `dist`: the executable, the commands and what the package exports, each a small entry on chunks that they share.
 * Starting up reads a dozen files instead of several hundred. oclif is taken in, as every command needs it; all other
 * packages stay where npm puts them, and are loaded by who imports them.
 *
 * The types beside the entries are the compiler's; it is run before this.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RolldownOutput, rolldown } from 'rolldown'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TAKEN_IN = /^@oclif\/core(\/|$)/

const entries = [
  'src/cli.ts',
  'src/index.ts',
  'src/load/agent-thread.ts',
  'src/load/ticker-thread.ts',
  'codecs/index.ts',
  ...readdirSync(join(ROOT, 'codecs'))
    .map(name => `codecs/${name}/index.ts`)
    .filter(path => existsSync(join(ROOT, path))),
  ...readdirSync(join(ROOT, 'commands'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => `commands/${name}`),
]

/** `yaml` or `node:fs`, not `./view.ts`. */
const bare = (id: string): boolean => !/^([./]|\0)/.test(id)

const bundle = await rolldown({
  cwd: ROOT,
  input: Object.fromEntries(entries.map(path => [path.replace(/\.ts$/, ''), path])),
  platform: 'node',
  // What oclif imports itself is taken in with it.
  external: (id, importer) =>
    id.startsWith('node:') || (bare(id) && !TAKEN_IN.test(id) && importer?.includes('/node_modules/') !== true),
})
const output = await bundle.write({
  dir: join(ROOT, 'dist'),
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name].js',
  sourcemap: true,
})
await bundle.close()
await writeFile(join(ROOT, 'dist/LICENSES.txt'), licenses(output))

/** The licenses of the packages that were taken in, as they ask to be kept with every copy. */
function licenses({ output }: RolldownOutput): string {
  const modules = output.flatMap(file => (file.type === 'chunk' ? file.moduleIds : []))
  const folders = modules.flatMap(id => /^[^\0].*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? [])
  return [...new Set(folders)]
    .sort()
    .map(folder => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry))
      const text = file === undefined ? '' : `\n\n${readFileSync(join(folder, file), 'utf8').trim()}`
      return `${name} ${version} (${license})${text}\n`
    })
    .join(`\n${'-'.repeat(80)}\n\n`)
}
