import type { Document, Node, YAMLMap } from 'yaml'
import { type Failure, usage } from './failure.ts'

/** The way from the top to a value: names in maps, numbers in lists. */
export type YamlPath = readonly (string | number)[]

/** What a file says, and where it says it. */
export interface YamlFile {
  /** Plain values: anchors and merge keys are worked in. */
  readonly value: unknown
  /** A mistake at a value, or at the name (`key`) that it goes by: `load.yaml:7:5: …`. */
  mistake(path: YamlPath, what: string, next?: string, at?: 'key' | 'value'): Failure
}

/** Throws a `Failure` where it is no YAML. */
export async function readYaml(file: string, text: string): Promise<YamlFile> {
  // Loaded only where there is a file to read.
  const yaml = await import('yaml')
  const lines = new yaml.LineCounter()
  const document = yaml.parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true })
  const at = (offset: number, what: string, next?: string): Failure => {
    const { line, col } = lines.linePos(offset)
    return usage(`${file}:${line}:${col}: ${what}`, next)
  }
  const [error] = document.errors
  if (error !== undefined) throw at(error.pos[0], error.message.trimEnd(), 'It is read as YAML.')
  let value: unknown
  try {
    value = document.toJS()
  } catch (cause) {
    throw usage(`${file}: ${(cause as Error).message}`, 'It is read as YAML.')
  }
  return {
    value,
    mistake: (path, what, next, where = 'value') => at(offsetOf(document, path, where, yaml), what, next),
  }
}

/** As YAML, in the order of its properties. */
export async function writeYaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml')
  return stringify(value, { lineWidth: 0 })
}

type Yaml = typeof import('yaml')

/** Where a value begins, or its name; where it is merged in, what it is merged into. */
function offsetOf(document: Document, path: YamlPath, where: 'key' | 'value', yaml: Yaml): number {
  let node = document.contents as Node | null
  let offset = node?.range?.[0] ?? 0
  for (const [depth, step] of path.entries()) {
    if (yaml.isAlias(node)) node = node.resolve(document) ?? null
    if (yaml.isMap(node)) {
      const pair = (node as YAMLMap<Node, Node | null>).items.find(
        ({ key }) => yaml.isScalar(key) && String(key.value) === step,
      )
      if (pair === undefined) return offset
      const named = where === 'key' && depth === path.length - 1
      offset = (named ? undefined : pair.value?.range?.[0]) ?? pair.key.range?.[0] ?? offset
      node = pair.value
    } else if (yaml.isSeq(node)) {
      node = (node.items[Number(step)] as Node | undefined) ?? null
      offset = node?.range?.[0] ?? offset
    } else return offset
  }
  return offset
}
