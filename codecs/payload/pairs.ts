import { holdsControls } from './text.ts'

/** The pairs of a map as an object, where each has a name of its own: text, or an integer. */
export function named(pairs: readonly (readonly [unknown, unknown])[]): Record<string, unknown> | undefined {
  const object: Record<string, unknown> = Object.create(null)
  for (const [key, value] of pairs) {
    if (typeof key !== 'string' && typeof key !== 'bigint' && !Number.isInteger(key)) return undefined
    const name = String(key)
    if (name in object) return undefined
    object[name] = value
  }
  return object
}

/** What a plain value cannot say stands as an object whose names are ours: `{ tag, value }`. */
export class Marked {
  constructor(parts: object) {
    Object.assign(this, parts)
  }
}

/** Evidence asked of a body that is taken for a binary format by its look alone, in characters of text. */
const ENOUGH_TEXT = 4

/**
 * Whether a map or list is somebody's data rather than chance: its keys are names, its text is readable, and there is
 * enough of both. Bytes without meaning pass for small numbers easily, for words hardly.
 */
export function plausible(value: unknown): boolean {
  let text = 0
  const readable = (part: string): boolean => {
    text += part.length
    return !holdsControls(part)
  }
  const believable = (value: unknown): boolean => {
    if (typeof value === 'string') return readable(value)
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return true
    if (Array.isArray(value)) return value.every(believable)
    if (value instanceof Marked) return Object.values(value).every(believable)
    return Object.entries(value).every(([key, item]) => NAME.test(key) && readable(key) && believable(item))
  }
  return typeof value === 'object' && believable(value) && text >= ENOUGH_TEXT
}

/** Something with a letter: integers are keys by chance, too. */
const NAME = /\p{L}/u
