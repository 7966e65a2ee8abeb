import type { AnyCodec, FieldKind, FieldShape, Frame, FrameShape } from './codec.ts'
import { hex, validUtf8 } from './text.ts'

export const MASK = '***'

export interface JsonOptions {
  /** Show credentials rather than `***`. */
  readonly secrets?: boolean
}

/** What frames of this type hold. A type may be a sender's own word, `constructor` too. */
export const frameShape = (codec: AnyCodec, type: string): FrameShape | undefined =>
  Object.hasOwn(codec.frames, type) ? codec.frames[type] : codec.unlisted

/**
 * A frame's fields as plain JSON values, in the order of the wire: the object that the NDJSON names after the protocol.
 * Integers that may pass 2^53 are strings; bytes are text where they are valid UTF-8, else `{ base64 }`.
 */
export function frameToJson(codec: AnyCodec, frame: Frame, options: JsonOptions = {}): Record<string, unknown> {
  const json: Record<string, unknown> = {}
  const fields = frameShape(codec, frame.type)?.fields ?? {}
  const values = frame as unknown as Record<string, unknown>
  for (const name in fields) {
    const value = values[name]
    if (value === undefined) continue
    json[name] = shaped(value, fields[name] as FieldShape, options)
  }
  return json
}

/** One field of a frame as `frameToJson` has it; undefined where the frame has none of this name. */
export function fieldToJson(codec: AnyCodec, frame: Frame, name: string, options: JsonOptions = {}): unknown {
  const shape = frameShape(codec, frame.type)?.fields[name]
  const value = (frame as unknown as Record<string, unknown>)[name]
  return shape === undefined || value === undefined ? undefined : shaped(value, shape, options)
}

function shaped(value: unknown, shape: FieldShape, options: JsonOptions): unknown {
  if (shape.secret === true && options.secrets !== true) return MASK
  if (shape.fields === undefined || typeof value !== 'object' || value === null) return toJson(value, shape.kind)
  const json: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(hasToJson(value) ? (value.toJSON() as object) : value)) {
    if (item !== undefined) define(json, name, shaped(item, shape.fields[name] ?? any, options))
  }
  return json
}
const any: FieldShape = { kind: 'any' }

/** One value as JSON has it. What has a meaning of its own (a field table, a timestamp) says so by `toJSON`. */
export function toJson(value: unknown, kind: FieldKind = 'any'): unknown {
  switch (typeof value) {
    case 'number':
      if (kind === 'long') return String(value)
      // JSON has no NaN and no infinities; null would hide which it was.
      return Number.isFinite(value) ? value : String(value)
    case 'bigint':
      return String(value)
    case 'object':
      break
    default:
      return value
  }
  if (value === null) return null
  if (value instanceof Uint8Array) {
    if (kind === 'hex') return hex(value)
    return validUtf8(value) ?? { base64: base64(value) }
  }
  if (Array.isArray(value)) return value.map(item => toJson(item))
  if (hasToJson(value)) return toJson(value.toJSON())
  const json: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value)) if (item !== undefined) define(json, name, toJson(item))
  return json
}

const hasToJson = (value: object): value is { toJSON(): unknown } =>
  typeof (value as { toJSON?: unknown }).toJSON === 'function'

/** Users' own keys may be anything, `__proto__` too. */
function define(json: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(json, name, { value, enumerable: true, configurable: true, writable: true })
  } else json[name] = value
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const buffer = (
  globalThis as { Buffer?: { from(b: ArrayBufferLike, o: number, l: number): { toString(e: string): string } } }
).Buffer

export const base64: (bytes: Uint8Array) => string = buffer
  ? bytes => buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
  : bytes => {
      let text = ''
      for (let at = 0; at < bytes.length; at += 3) {
        const [a = 0, b, c] = [bytes[at], bytes[at + 1], bytes[at + 2]]
        const word = (a << 16) | ((b ?? 0) << 8) | (c ?? 0)
        text += alphabet[word >> 18]! + alphabet[(word >> 12) & 63]!
        text += (b === undefined ? '=' : alphabet[(word >> 6) & 63]!) + (c === undefined ? '=' : alphabet[word & 63]!)
      }
      return text
    }
