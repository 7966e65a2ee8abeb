import {
  type AnyCodec,
  base64,
  type FieldKind,
  type Frame,
  hex,
  MASK,
  toJson,
  validUtf8,
} from '../../codecs/core/index.ts'
import type { Lines } from './lines.ts'

/**
 * Writes a frame's fields as JSON: to the byte what `JSON.stringify(frameToJson(codec, frame))` is, without the objects
 * and strings in between.
 */
export function writeFields(lines: Lines, codec: AnyCodec, frame: Frame, secrets: boolean): void {
  const values = frame as unknown as Record<string, unknown>
  let first = true
  for (const { name, label, kind, secret } of membersOf(codec, frame.type)) {
    const value = values[name]
    if (value === undefined) continue
    lines.byte(first ? OPEN : COMMA)
    first = false
    lines.ascii(label)
    if (secret && !secrets) lines.ascii(`"${MASK}"`)
    else writeValue(lines, value, kind)
  }
  lines.ascii(first ? '{}' : '}')
}

const OPEN = 0x7b
const COMMA = 0x2c

interface Member {
  readonly name: string
  /** `"name":` */
  readonly label: string
  readonly kind: FieldKind
  readonly secret: boolean
}

const members = new WeakMap<AnyCodec, Map<string, readonly Member[]>>()

/** What a frame type's fields are, looked up once. */
function membersOf(codec: AnyCodec, type: string): readonly Member[] {
  let types = members.get(codec)
  if (types === undefined) members.set(codec, (types = new Map()))
  let found = types.get(type)
  if (found === undefined) {
    found = Object.entries(codec.frames[type]?.fields ?? {}).map(([name, shape]) => {
      const { kind, secret } = shape as { kind: FieldKind; secret?: boolean }
      return { name, label: `"${name}":`, kind, secret: secret === true }
    })
    types.set(type, found)
  }
  return found
}

/** Writes one value as `toJson` has it. */
export function writeValue(lines: Lines, value: unknown, kind: FieldKind = 'any'): void {
  switch (typeof value) {
    case 'string':
      writeText(lines, value)
      return
    case 'number':
      writeNumber(lines, value, kind)
      return
    case 'boolean':
      lines.ascii(value ? 'true' : 'false')
      return
    case 'object':
      if (value !== null) {
        writeObject(lines, value, kind)
        return
      }
  }
  lines.text(JSON.stringify(toJson(value, kind)))
}

function writeNumber(lines: Lines, value: number, kind: FieldKind): void {
  if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) {
    lines.ascii(JSON.stringify(toJson(value, kind)))
    return
  }
  if (kind === 'long') lines.byte(QUOTE)
  lines.number(value)
  if (kind === 'long') lines.byte(QUOTE)
}

function writeObject(lines: Lines, value: object, kind: FieldKind): void {
  if (value instanceof Uint8Array) writeBytes(lines, value, kind)
  else if (Array.isArray(value)) {
    let before = '['
    for (const item of value) {
      lines.ascii(before)
      before = ','
      if (item === undefined) lines.ascii('null')
      else writeValue(lines, item)
    }
    lines.ascii(before === '[' ? '[]' : ']')
  } else if ('toJSON' in value && typeof value.toJSON === 'function') writeValue(lines, value.toJSON())
  else {
    let before = '{"'
    for (const [name, item] of Object.entries(value)) {
      if (item === undefined) continue
      lines.ascii(before)
      before = ',"'
      lines.jsonText(name)
      lines.ascii('":')
      writeValue(lines, item)
    }
    lines.ascii(before === '{"' ? '{}' : '}')
  }
}

function writeText(lines: Lines, text: string): void {
  lines.byte(QUOTE)
  lines.jsonText(text)
  lines.byte(QUOTE)
}

function writeBytes(lines: Lines, bytes: Uint8Array, kind: FieldKind): void {
  if (kind === 'hex') {
    lines.ascii(`"${hex(bytes)}"`)
    return
  }
  const text = validUtf8(bytes)
  if (text !== undefined) writeText(lines, text)
  else lines.ascii(`{"base64":"${base64(bytes)}"}`)
}

const QUOTE = 0x22
