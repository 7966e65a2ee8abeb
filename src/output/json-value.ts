import {
  type AnyCodec,
  base64,
  type FieldKind,
  type FieldShape,
  type Frame,
  frameShape,
  hex,
  MASK,
  toJson,
  validUtf8,
} from '../../codecs/core/index.ts'
import { printableJson } from './escape.ts'
import { constant, type Lines } from './lines.ts'

/**
 * Writes a frame's fields as JSON: to the byte what `JSON.stringify(frameToJson(codec, frame))` is, without the objects
 * and strings in between.
 */
export function writeFields(lines: Lines, codec: AnyCodec, frame: Frame, secrets: boolean): void {
  const values = frame as unknown as Record<string, unknown>
  const members = membersOf(codec, frame.type)
  let empty = true
  for (let at = 0; at < members.length; at++) {
    const member = members[at] as Member
    const value = values[member.name]
    if (value === undefined) continue
    lines.raw(empty ? member.first : member.label)
    empty = false
    writeShaped(lines, value, member.shape, secrets)
  }
  if (empty) lines.byte(OPEN)
  lines.byte(CLOSE)
}

const OPEN = 0x7b
const CLOSE = 0x7d
const COMMA = 0x2c
const QUOTE = 0x22

interface Member {
  readonly name: string
  readonly shape: FieldShape
  /** `{"name":` */
  readonly first: Uint8Array
  /** `,"name":` */
  readonly label: Uint8Array
}

type Fields = Readonly<Record<string, FieldShape>>

/** By the fields of a frame's shape, of which a protocol has a fixed number: its types need not be. */
const prepared = new WeakMap<Fields, readonly Member[]>()

/** What a frame type's fields are, prepared once. */
function membersOf(codec: AnyCodec, type: string): readonly Member[] {
  const fields = frameShape(codec, type)?.fields ?? none
  let members = prepared.get(fields)
  if (members === undefined) {
    members = Object.entries(fields).map(([name, shape]) => {
      const quoted = printableJson(JSON.stringify(name))
      return { name, shape, first: constant(`{${quoted}:`), label: constant(`,${quoted}:`) }
    })
    prepared.set(fields, members)
  }
  return members
}
const none: Fields = {}

function writeShaped(lines: Lines, value: unknown, shape: FieldShape, secrets: boolean): void {
  const { fields, kind } = shape
  if (shape.secret === true && !secrets) lines.raw(MASKED)
  else if (fields === undefined || typeof value !== 'object' || value === null) writeValue(lines, value, kind)
  else writeMembers(lines, hasToJson(value) ? (value.toJSON() as object) : value, fields, secrets)
}
const MASKED = constant(`"${MASK}"`)
const any: FieldShape = { kind: 'any' }

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
  } else if (hasToJson(value)) writeValue(lines, value.toJSON())
  else writeMembers(lines, value, undefined, true)
}

const hasToJson = (value: object): value is { toJSON(): unknown } =>
  typeof (value as { toJSON?: unknown }).toJSON === 'function'

/** What an object holds: users' own keys too, of which `fields` says something of a few. */
function writeMembers(lines: Lines, value: object, fields: Fields | undefined, secrets: boolean): void {
  const names = Object.keys(value)
  let before = OPEN
  for (let at = 0; at < names.length; at++) {
    const name = names[at] as string
    const item = (value as Record<string, unknown>)[name]
    if (item === undefined) continue
    lines.byte(before)
    before = COMMA
    writeText(lines, name)
    lines.byte(COLON)
    if (fields === undefined) writeValue(lines, item)
    else writeShaped(lines, item, fields[name] ?? any, secrets)
  }
  if (before === OPEN) lines.byte(OPEN)
  lines.byte(CLOSE)
}
const COLON = 0x3a

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
  if (lines.quotedBytes(bytes)) return
  const text = validUtf8(bytes)
  if (text !== undefined) writeText(lines, text)
  else lines.ascii(`{"base64":"${base64(bytes)}"}`)
}
