import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize, relative } from 'node:path'
import { expect, test } from 'vitest'

/** The layers of ARCHITECTURE.md, held by walking every import in the source. */

const root = new URL('..', import.meta.url).pathname

interface Import {
  readonly from: string
  /** A path within the project, or a package or built-in module. */
  readonly to: string
  readonly line: string
  readonly lazy: boolean
  readonly typeOnly: boolean
}

const statement =
  /^\s*(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]|(import)\(\s*['"]([^'"]+)['"]\s*\)/gm

function importsOf(folder: string): Import[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => /\.tsx?$/.test(name))
    .flatMap(name => {
      const from = join(folder, name)
      const source = readFileSync(join(root, from), 'utf8')
      return [...source.matchAll(statement)].map(match => {
        const [line, type, direct, lazy, later] = match
        const target = (direct ?? later) as string
        const to = target.startsWith('.') ? normalize(join(dirname(from), target)) : target
        return { from, to, line: line.trim(), lazy: lazy !== undefined, typeOnly: type !== undefined }
      })
    })
}

const codecs = importsOf('codecs')
const src = importsOf('src')
const commands = importsOf('commands')
const all = [...codecs, ...src, ...commands]
const isFile = (to: string) => /^(codecs|src|commands|test|bench|scripts|bin)\//.test(to)
const builtin = (to: string) => to.startsWith('node:') || builtinModules.includes(to)
const shown = (imports: readonly Import[]) => imports.map(({ from, to }) => `${from} → ${to}`)
const [protocolOf, folderOf] = [1, 1].map(
  depth => (path: string) => (path.split('/').length > depth + 1 ? path.split('/')[depth] : undefined),
) as [(path: string) => string | undefined, (path: string) => string | undefined]

test('there is something to look at', () => {
  expect(codecs.length).toBeGreaterThan(20)
  expect(src.length).toBeGreaterThan(20)
})

test('codecs import only codecs', () => {
  expect(shown(codecs.filter(({ to }) => !to.startsWith('codecs/')))).toEqual([])
})

test('a protocol imports the core, the payloads and itself, never another protocol', () => {
  const shared = new Set(['core', 'payload', 'carriers', undefined])
  const wrong = codecs.filter(({ from, to }) => {
    const own = protocolOf(from)
    if (own === undefined) return false
    return own !== protocolOf(to) && !(shared.has(protocolOf(to)) && to !== 'codecs/index.ts')
  })
  expect(shown(wrong)).toEqual([])
})

test('the core imports itself alone', () => {
  expect(shown(codecs.filter(({ from, to }) => protocolOf(from) === 'core' && protocolOf(to) !== 'core'))).toEqual([])
})

test('src sees the registry, the core, the carriers and the payloads, no protocol', () => {
  const open = /^codecs\/(index\.ts|(core|carriers|payload)\/index\.ts)$/
  expect(shown(src.filter(({ to }) => to.startsWith('codecs/') && !open.test(to)))).toEqual([])
  expect(shown(src.filter(({ to }) => to.startsWith('commands/')))).toEqual([])
})

test('commands import src and the registry', () => {
  const open = /^(src\/|codecs\/index\.ts$|codecs\/core\/index\.ts$|commands\/)/
  expect(shown(commands.filter(({ to }) => isFile(to) && !open.test(to)))).toEqual([])
})

test('folders of src talk to each other through their index', () => {
  const wrong = [...src, ...commands].filter(({ from, to }) => {
    if (!to.startsWith('src/') || folderOf(to) === undefined) return false
    const inside = from.startsWith('src/') && folderOf(from) === folderOf(to)
    return !inside && !/^src\/[^/]+\/index\.tsx?$/.test(to)
  })
  expect(shown(wrong)).toEqual([])
})

test('there are no cycles', () => {
  const edges = new Map<string, string[]>()
  for (const { from, to, lazy, typeOnly } of all) {
    if (!isFile(to) || lazy || typeOnly) continue
    edges.set(from, [...(edges.get(from) ?? []), to])
  }
  const cycles: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
    else if (!done.has(file)) {
      for (const next of edges.get(file) ?? []) visit(next, [...path, file])
      done.add(file)
    }
  }
  for (const file of edges.keys()) visit(file, [])
  expect(cycles).toEqual([])
})

test('ink and react stay in the terminal UI, which is loaded only when it is shown', () => {
  const ui = /^(ink|react)(\/|$)/
  expect(shown(all.filter(({ from, to }) => ui.test(to) && !from.startsWith('src/tui/')))).toEqual([])
  const entry = 'src/tui/index.ts'
  expect(all.some(({ to }) => to === entry)).toBe(true)
  // Whatever a command loads at once, and what that does: the UI is not among it.
  const loaded = new Set<string>([...commands.map(({ from }) => from), 'src/cli.ts', 'src/index.ts'])
  for (const file of loaded) {
    for (const { from, to, lazy, typeOnly } of all)
      if (from === file && !lazy && !typeOnly && isFile(to)) loaded.add(to)
  }
  expect([...loaded].filter(file => file.startsWith('src/tui/') && file !== 'src/tui/kit/themes.ts')).toEqual([])
})

test('what all screens share knows nothing of the inspector, and its model nothing of the terminal', () => {
  const shared = src.filter(({ from }) => /^src\/tui\/(kit|terminal)\//.test(from))
  const model = src.filter(({ from }) => from.startsWith('src/tui/model/'))
  expect(shared.length).toBeGreaterThan(5)
  const inner = /^src\/tui\/(model|rows|view)\/|^src\/tui\/[^/]+$/
  expect(shown(shared.filter(({ to }) => inner.test(to)))).toEqual([])
  expect(shown(model.filter(({ to }) => /^src\/tui\/(terminal|view)\/|\/kit\/(app|stage)\.ts$/.test(to)))).toEqual([])
})

test('a runtime dependency has one importing file, or one importing folder where it is the framework', () => {
  const frameworks = new Set(['@oclif/core', 'ink', 'react'])
  const importers = new Map<string, Set<string>>()
  for (const { from, to } of all) {
    if (isFile(to) || builtin(to)) continue
    const name = to.startsWith('@') ? to.split('/').slice(0, 2).join('/') : (to.split('/')[0] as string)
    importers.set(name, (importers.get(name) ?? new Set()).add(from))
  }
  for (const [name, files] of importers) {
    if (!frameworks.has(name))
      expect(
        [...files].map(file => relative('.', file)),
        name,
      ).toHaveLength(1)
  }
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const plugins = (name: string) => name.startsWith('@oclif/plugin-')
  const unused = Object.keys(dependencies).filter(name => !importers.has(name) && !plugins(name))
  expect(unused).toEqual([])
  for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
})
