import type { Field } from '../../codecs/core/index.ts'
import type { Redaction } from './rules.ts'

/** Names of the field tree that lead to what is overwritten, and how that is. */
export interface Pattern {
  readonly path: readonly string[]
  readonly redaction: Redaction
}

/** A field to be overwritten; `start` is where its value begins. */
export interface Match {
  readonly start: number
  readonly end: number
  readonly redaction: Redaction
}

/** The texts and bytes below the fields that patterns lead to. Numbers stay: they may be lengths. */
export function matches(root: Field, patterns: readonly Pattern[]): Match[] {
  const found: Match[] = []
  descend(root, patterns, found)
  return found.sort((a, b) => a.start - b.start)
}

function descend(group: Field, patterns: readonly Pattern[], found: Match[]): void {
  const label = labelOf(group)
  for (const child of group.children ?? []) {
    const after = advance(child, patterns)
    const done = after.find(({ path }) => path.length === 0)
    if (done !== undefined) collect(child, done.redaction, found)
    else if (after.length === 0) continue
    else if (child.children !== undefined) descend(child, after, found)
    // What could not be taken apart may hold what is looked for.
    else if (label === undefined && child.name === 'value' && child.value instanceof Uint8Array) {
      collect(child, (after[0] as Pattern).redaction, found)
    }
  }
}

/** What is left of the patterns once they have come to a field: by its name, and by the key that it is an entry of. */
function advance(field: Field, patterns: readonly Pattern[]): Pattern[] {
  const label = labelOf(field)
  const after: Pattern[] = []
  for (const pattern of patterns) {
    const named = consumed(pattern, field.name)
    const reached = named === undefined ? [] : [named]
    if (isTransparent(field.name)) reached.push(pattern)
    for (const one of reached) {
      after.push(one)
      const keyed = label === undefined ? undefined : consumed(one, label)
      if (keyed !== undefined) after.push(keyed)
    }
  }
  return after
}

/** Users' own keys may hold dots, as the path does. */
function consumed({ path, redaction }: Pattern, name: string): Pattern | undefined {
  if (path[0] === '*') return { path: path.slice(1), redaction }
  const steps = name.split('.')
  return steps.every((step, at) => path[at] === step) ? { path: path.slice(steps.length), redaction } : undefined
}

/** Groups that the JSON does not have: an entry's value, an item of a list. */
const isTransparent = (name: string): boolean => TRANSPARENT.has(name) || /^\[\d+\]$/.test(name)
const TRANSPARENT: ReadonlySet<string> = new Set(['value', 'entry', 'item'])

/** What names a value, or stands around it: part of no value. */
const STRUCTURE: ReadonlySet<string> = new Set(['key', 'descriptor', 'colon', 'eol'])

/** The key of an entry: the text that stands beside its value. */
function labelOf({ children = [] }: Field): string | undefined {
  if (!children.some(({ name }) => name === 'value')) return undefined
  const label = children.find(({ name, value }) => (name === 'key' || name === 'name') && typeof value === 'string')
  return label?.value as string | undefined
}

function collect(field: Field, redaction: Redaction, found: Match[]): void {
  const { children, value, content = field } = field
  if (children === undefined) {
    const overwritten = typeof value === 'string' || value instanceof Uint8Array
    const { start, end } = content
    if (overwritten && start < end) found.push({ start, end, redaction })
    return
  }
  const entry = labelOf(field) !== undefined
  for (const child of children) {
    if (!STRUCTURE.has(child.name) && !(entry && child.name === 'name')) collect(child, redaction, found)
  }
}
