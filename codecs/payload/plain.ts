import { base64 } from '../core/index.ts'
import { MAX_DEPTH } from './format.ts'

/** Values shown of one body; the rest is left out, and that is said. */
const MAX_VALUES = 100_000

export interface Plain {
  readonly value: unknown
  /** What was left out, for whoever reads it; undefined where it is the whole. */
  readonly cut: string | undefined
}

/**
 * A decoded value as JSON has it: integers that pass 2^53 and numbers that JSON lacks are strings, bytes are
 * `{ base64 }`. No deeper than `MAX_DEPTH`, no more than `MAX_VALUES`.
 */
export function plain(value: unknown, limit = MAX_VALUES): Plain {
  if (plainWithin(value, limit, 0) >= 0) return { value, cut: undefined }
  let left = limit
  let more = false
  let deep = false

  function convert(value: unknown, depth: number): unknown {
    left--
    switch (typeof value) {
      case 'number':
        return Number.isFinite(value) ? value : String(value)
      case 'bigint':
        return value >= LEAST && value <= MOST ? Number(value) : String(value)
      case 'object':
        break
      default:
        return value ?? null
    }
    if (value === null) return null
    if (value instanceof Uint8Array) return { base64: base64(value) }
    if (depth === MAX_DEPTH) {
      deep = true
      return Array.isArray(value) ? [] : {}
    }
    if (Array.isArray(value)) {
      const items: unknown[] = []
      for (const item of value) {
        if ((more ||= left === 0)) break
        items.push(convert(item, depth + 1))
      }
      return items
    }
    const json: Record<string, unknown> = Object.create(null)
    for (const name in value) {
      if ((more ||= left === 0)) break
      json[name] = convert((value as Record<string, unknown>)[name], depth + 1)
    }
    return json
  }

  const converted = convert(value, 0)
  if (more) return { value: converted, cut: `only the first ${limit} values are shown` }
  return { value: converted, cut: deep ? `what is nested deeper than ${MAX_DEPTH} is left out` : undefined }
}

/** How many more values there may be where all of these are as JSON has them, as most are; negative where they are not. */
function plainWithin(value: unknown, limit: number, depth: number): number {
  let left = limit - 1
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return left
    case 'number':
      return Number.isFinite(value) ? left : -1
    case 'object':
      break
    default:
      return -1
  }
  if (value === null) return left
  if (depth === MAX_DEPTH || ArrayBuffer.isView(value)) return -1
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length && left >= 0; at++) left = plainWithin(value[at], left, depth + 1)
    return left
  }
  for (const name in value) {
    left = plainWithin((value as Record<string, unknown>)[name], left, depth + 1)
    if (left < 0) return left
  }
  return left
}

const LEAST = BigInt(Number.MIN_SAFE_INTEGER)
const MOST = BigInt(Number.MAX_SAFE_INTEGER)
