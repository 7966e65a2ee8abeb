import {
  type Alias,
  type AnyCodec,
  type Diagnostic,
  type FieldShape,
  type Frame,
  type FrameShape,
  fieldToJson,
  frameShape,
  frameToJson,
  type Packet,
  type Side,
} from '../../codecs/core/index.ts'
import type { Flow } from '../flow.ts'
import { commonAliases, commonTests } from './common.ts'
import type { Cost, Field, Fields, Name, Test } from './field.ts'
import { ANY, namesOf, shapeAt } from './objects.ts'
import { reach } from './path.ts'
import { type RecordRow, valueAt } from './record.ts'
import { EXCHANGE, MESSAGE, type Shapes } from './shapes.ts'

/** A row of the frame view, as far as its values need it. */
export interface FrameRow {
  readonly number: number
  readonly flow: Flow
  readonly packet: Packet
  readonly codec: AnyCodec
  readonly from: Side
  readonly type: string
  readonly time: string
  /** Names the type too. */
  readonly title: string
  readonly diagnostics: readonly Diagnostic[]
  /** Of what is no frame. */
  readonly bytes: unknown
  /** The frame, read as far as its values are asked for; undefined for what is no frame. */
  readonly glance: Frame | undefined
  readonly secrets: boolean
  /** What this frame completed, where somebody follows what frames mean together. */
  readonly tied?: Tied | undefined
}

/** The messages that a frame made whole, the exchanges that it ended. */
export interface Tied {
  readonly message: readonly RecordRow[]
  readonly exchange: readonly RecordRow[]
}

const TIED: Readonly<Record<string, Shapes>> = { message: MESSAGE, exchange: EXCHANGE }

interface Column {
  readonly shape: FieldShape
  readonly cost: Cost
  readonly get: (row: FrameRow) => unknown
}

const uint: FieldShape = { kind: 'uint' }
const text: FieldShape = { kind: 'text' }
const DIAGNOSTICS: FieldShape = {
  kind: 'list',
  fields: { code: text, severity: text, message: text, rule: text, start: uint, end: uint },
}

/** What every row has; a protocol's fields stand under its id. */
const COLUMNS: Readonly<Record<string, Column>> = {
  frame: { shape: uint, cost: 0, get: row => row.number },
  packet: { shape: uint, cost: 0, get: ({ packet: { record } }) => (record === 0 ? undefined : record) },
  time: { shape: { kind: 'time' }, cost: 0, get: row => row.time },
  flow: { shape: uint, cost: 0, get: row => row.flow.id },
  from: { shape: text, cost: 0, get: row => row.from },
  protocol: { shape: text, cost: 0, get: row => row.codec.id },
  type: { shape: text, cost: 0, get: row => row.type },
  length: { shape: uint, cost: 0, get: row => row.packet.length },
  summary: { shape: text, cost: 2, get: row => row.title },
  bytes: { shape: { kind: 'bytes' }, cost: 0, get: row => row.bytes },
  diagnostics: {
    shape: DIAGNOSTICS,
    cost: 2,
    get: row => (row.diagnostics.length === 0 ? undefined : row.diagnostics),
  },
}

export const frameColumns: readonly string[] = Object.keys(COLUMNS)

/** The values of frames: the paths of their JSON, and what Wireshark calls them. */
export function frameFields(codecs: readonly AnyCodec[]): Fields<FrameRow> {
  const protocols = new Map<string, AnyCodec[]>()
  for (const codec of codecs) protocols.set(codec.id, [...(protocols.get(codec.id) ?? []), codec])
  const words: Readonly<Record<string, readonly string[]>> = {
    from: ['client', 'server'],
    protocol: [...protocols.keys()],
    type: [...new Set([...codecs.flatMap(({ frames }) => Object.keys(frames)), 'malformed', 'gap'])],
  }

  const open: Readonly<Record<string, boolean>> = { type: codecs.some(({ unlisted }) => unlisted !== undefined) }

  const own = (path: readonly string[]): Field<FrameRow> | undefined => {
    const [name = '', ...rest] = path
    if (Object.hasOwn(COLUMNS, name)) return column(name, rest, words[name], open[name])
    if (Object.hasOwn(TIED, name) && rest.length > 0) return tiedValue(name as keyof Tied, rest)
    const group = protocols.get(name)
    if (group === undefined) return undefined
    return rest.length === 0 ? wholeFrame(name) : memberOf(name, group, rest)
  }
  const find = (path: readonly string[]): Field<FrameRow> | undefined => {
    const field = own(path)
    const name = path.join('.')
    const targets = codecs.flatMap(codec => {
      const alias = aliasOf(codec, name)
      return alias === undefined ? [] : [{ codec, alias }]
    })
    if (field !== undefined) return { ...field, code: targets.find(({ alias }) => alias.code)?.alias.code }
    return commonAliases.get(name) ?? aliased(targets, own)
  }
  const test = (path: readonly string[]): Test<FrameRow> | undefined => {
    const [name = '', ...rest] = path
    const type = rest.join('.')
    if (rest.length === 0) {
      const ids = new Set(codecs.filter(({ id, wireshark }) => id === name || wireshark?.protocol === name).map(idOf))
      return ids.size === 0 ? commonTests.get(name) : { cost: 0, matches: row => ids.has(row.codec.id) }
    }
    const has = protocols.get(name)?.some(({ frames }) => Object.hasOwn(frames, type)) === true
    return has
      ? { cost: 0, matches: row => row.codec.id === name && row.type === type }
      : commonTests.get(path.join('.'))
  }
  return { find, test, names: uniqueNames(namesIn(codecs)) }
}

const idOf = ({ id }: AnyCodec): string => id

function column(
  name: string,
  rest: readonly string[],
  words?: readonly string[],
  open?: boolean,
): Field<FrameRow> | undefined {
  const { shape, cost, get } = COLUMNS[name] as Column
  if (rest.length === 0) return { kind: shape.kind, cost, get, words, open }
  const found = shape.fields === undefined ? undefined : shapeAt({ [name]: shape }, [name, ...rest])
  return found && { kind: found.kind, cost, get: row => reach(get(row), rest) }
}

/** `exchange.elapsedUs`: of what this frame completed. */
function tiedValue(name: keyof Tied, path: readonly string[]): Field<FrameRow> | undefined {
  const found = shapeAt(TIED[name] as Shapes, path)
  if (found === undefined) return undefined
  const { kind, unit } = found
  const get = (row: FrameRow): unknown =>
    row.tied?.[name].map(each => valueAt(each, path)).filter(value => value !== undefined && value !== null)
  return { kind, unit, cost: 3, get }
}

function wholeFrame(id: string): Field<FrameRow> {
  return {
    kind: 'object',
    cost: 1,
    get: row => {
      const frame = row.codec.id === id ? row.glance : undefined
      return frame && frameToJson(row.codec, frame, row)
    },
  }
}

/** A field of a protocol's frames: only those frames are read that can have it. */
function memberOf(id: string, codecs: readonly AnyCodec[], path: readonly string[]): Field<FrameRow> | undefined {
  const [name = '', ...rest] = path
  const found = codecs.flatMap(shapesOf).flatMap(({ fields }) => shapeAt(fields, path) ?? [])
  const [first] = found
  if (first === undefined) return undefined
  const { kind, unit } = found.every(shape => shape.kind === first.kind && shape.unit === first.unit) ? first : ANY
  const get = (row: FrameRow): unknown => {
    const { codec, packet } = row
    if (codec.id !== id || packet.kind !== 'frame') return undefined
    if (frameShape(codec, row.type)?.fields[name] === undefined) return undefined
    const value = fieldToJson(codec, row.glance as Frame, name, row)
    return rest.length === 0 ? value : reach(value, rest)
  }
  return { kind, unit, cost: 1, get }
}

const shapesOf = ({ frames, unlisted }: AnyCodec): FrameShape[] => [
  ...Object.values<FrameShape>(frames),
  ...(unlisted === undefined ? [] : [unlisted]),
]

function aliasOf({ wireshark }: AnyCodec, name: string): Alias | undefined {
  if (wireshark === undefined || !name.startsWith(`${wireshark.protocol}.`)) return undefined
  const own = name.slice(wireshark.protocol.length + 1)
  if (!Object.hasOwn(wireshark.fields, own)) return undefined
  const alias = wireshark.fields[own] as string | Alias
  return typeof alias === 'string' ? { field: alias } : alias
}

interface Target {
  readonly codec: AnyCodec
  readonly alias: Alias
}

/** Another tool's name for a field of several protocols: each row's own has it. */
function aliased(
  targets: readonly Target[],
  find: (path: readonly string[]) => Field<FrameRow> | undefined,
): Field<FrameRow> | undefined {
  const byProtocol = new Map<string, Field<FrameRow>>()
  for (const { codec, alias } of targets) {
    const path = alias.field.split('.')
    const field = find(alias.field === 'type' ? path : [codec.id, ...path])
    if (field !== undefined) byProtocol.set(codec.id, translated(field, alias))
  }
  const [first, ...others] = byProtocol.values()
  if (first === undefined) return undefined
  const alike = others.every(({ kind, unit }) => kind === first.kind && unit === first.unit)
  return {
    kind: alike ? first.kind : 'any',
    unit: alike ? first.unit : undefined,
    cost: first.cost,
    code: first.code,
    get: row => byProtocol.get(row.codec.id)?.get(row),
  }
}

function translated(field: Field<FrameRow>, { type, value, code }: Alias): Field<FrameRow> {
  if (code !== undefined) return { ...field, code }
  if (type !== undefined) return { ...field, get: row => (row.type === type ? field.get(row) : undefined) }
  if (value === undefined) return field
  const get = (row: FrameRow): unknown => {
    const ours = field.get(row)
    return ours === undefined ? undefined : value(ours)
  }
  return { kind: 'any', cost: field.cost, get }
}

function* namesIn(codecs: readonly AnyCodec[]): Iterable<Name> {
  for (const [name, { shape }] of Object.entries(COLUMNS)) yield* namesOf({ [name]: shape })
  for (const [name, shapes] of Object.entries(TIED)) yield* namesOf(shapes, `${name}.`)
  for (const codec of codecs) yield { name: codec.id, detail: codec.name, test: true }
  for (const codec of codecs) for (const { fields } of shapesOf(codec)) yield* namesOf(fields, `${codec.id}.`)
  for (const { id, frames } of codecs) {
    for (const type of Object.keys(frames)) yield { name: `${id}.${type}`, detail: 'type', test: true }
  }
  for (const [name, { kind }] of commonAliases) yield { name, detail: kind, alias: true }
  for (const name of commonTests.keys()) yield { name, detail: 'transport', test: true, alias: true }
  for (const { id, wireshark } of codecs) {
    if (wireshark === undefined) continue
    yield { name: wireshark.protocol, detail: 'protocol', test: true, alias: true }
    for (const [name, alias] of Object.entries(wireshark.fields)) {
      const field = typeof alias === 'string' ? alias : alias.field
      const path = field === 'type' ? field : `${id}.${field}`
      yield { name: `${wireshark.protocol}.${name}`, detail: path, alias: true }
    }
  }
}

/** Of names that stand for several things, the first is what they are found as. */
function uniqueNames(names: Iterable<Name>): Name[] {
  const byName = new Map<string, Name>()
  for (const name of names) if (!byName.has(name.name)) byName.set(name.name, name)
  return [...byName.values()]
}
