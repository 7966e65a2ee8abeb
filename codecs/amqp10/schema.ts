import { latin1, u32At, u64At } from '../core/index.ts'
import {
  choices,
  composites,
  type Definition,
  listSections,
  performatives,
  restricted,
  saslBodies,
  sectionSymbols,
} from './tables.ts'
import { DESCRIBED, encodings, type ScalarType } from './types.ts'

/** How a field is read and written. */
export type Shape = 'scalar' | 'role' | 'timestamp' | 'symbols' | 'map' | 'composite' | 'any'

/** One field of a composite type, taken from its line in the tables. */
export interface Field {
  readonly name: string
  readonly shape: Shape
  /** As the specification calls it. */
  readonly declared: string
  /** The primitive type on the wire, where there is one. */
  readonly primitive: ScalarType
  /** 1 for the codes that a field of one primitive type may have. */
  readonly codes: Uint8Array
  readonly mandatory: boolean
  /** What null means, in words. */
  readonly preset: string | undefined
  /** What its numbers are called. */
  readonly choices: readonly string[] | undefined
  readonly secret: boolean
}

/** One composite type. */
export interface Row {
  readonly name: string
  readonly code: number
  readonly section: string
  readonly fields: readonly Field[]
  /** A bit for each mandatory field. */
  readonly mandatory: number
}

const line = /^([a-z0-9*-]+)(\[\])?(!)?(?:=(.+))?$/

function toField(name: string, text: string): Field {
  const [, declared = '', multiple, mandatory, preset] = line.exec(text) as RegExpExecArray
  const primitive = restricted[declared] ?? declared
  return {
    name,
    shape: shapeOf(declared, primitive, multiple !== undefined),
    declared,
    primitive: primitive as ScalarType,
    codes: codesOf(shapeOf(declared, primitive, multiple !== undefined), primitive),
    mandatory: mandatory !== undefined,
    preset,
    choices: choices[declared],
    secret: declared === 'secret',
  }
}

function shapeOf(declared: string, primitive: string, multiple: boolean): Shape {
  if (declared === '*') return 'any'
  if (declared === 'role' || declared === 'timestamp') return declared
  if (multiple) return 'symbols'
  if (primitive === 'map') return 'map'
  return primitive in encodings ? 'scalar' : 'composite'
}

function codesOf(shape: Shape, primitive: string): Uint8Array {
  const codes = new Uint8Array(256)
  if (shape === 'scalar' || shape === 'role')
    for (const code of Object.values(encodings[primitive as ScalarType])) codes[code] = 1
  return codes
}

function toRow(name: string, { code, section, fields }: Definition): Row {
  const list = Object.entries(fields).map(([field, text]) => toField(field, text as string))
  const mandatory = list.reduce((bits, field, index) => (field.mandatory ? bits | (1 << index) : bits), 0)
  return { name, code, section, fields: list, mandatory }
}

const rowsOf = (definitions: Readonly<Record<string, Definition>>): Row[] =>
  Object.entries(definitions).map(([name, definition]) => toRow(name, definition))

const bodies = rowsOf({ ...performatives, ...saslBodies })
const values = rowsOf(composites)
const lists = rowsOf(listSections)

const byCode: (Row | undefined)[] = Array.from({ length: 256 }, () => undefined)
for (const row of [...bodies, ...values, ...lists]) byCode[row.code] = row

const byName = new Map([...bodies, ...values, ...lists].map(row => [row.name, row]))
const bySymbol = new Map(Object.entries(sectionSymbols))
for (const row of [...bodies, ...values, ...lists]) bySymbol.set(`amqp:${row.name}:list`, row.code)

const isBody = (code: number): boolean => (code >= 0x10 && code <= 0x18) || (code >= 0x40 && code <= 0x44)
const isComposite = (code: number): boolean => code >= 0x1d && code <= 0x34

/** A composite type by its name in the tables. */
export const rowNamed = (name: string): Row => byName.get(name) as Row

/** The performative or SASL frame body of this descriptor. */
export const bodyOf = (code: number): Row | undefined => (isBody(code) ? byCode[code] : undefined)

/** The composite value of this descriptor: what fields and bodies hold. */
export const compositeOf = (code: number): Row | undefined => (isComposite(code) ? byCode[code] : undefined)

/**
 * The code that the specification knows the descriptor of the value at `at` by, whether it stands there as ulong or
 * symbol; -1 where it knows none, or there is no described value.
 */
export function descriptorAt(bytes: Uint8Array, at: number, end: number): number {
  if (at + 3 > end || bytes[at] !== DESCRIBED) return -1
  const second = bytes[at + 2] as number
  switch (bytes[at + 1]) {
    case 0x53:
      return second
    case 0x80: {
      const code = at + 10 <= end ? u64At(bytes, at + 2) : -1
      return typeof code === 'number' && code < 256 ? code : -1
    }
    case 0xa3:
      return symbolCode(bytes, at + 3, second, end)
    case 0xb3:
      return at + 6 <= end ? symbolCode(bytes, at + 6, u32At(bytes, at + 2), end) : -1
    default:
      return -1
  }
}

const LONGEST = Math.max(...[...bySymbol.keys()].map(symbol => symbol.length))

function symbolCode(bytes: Uint8Array, at: number, length: number, end: number): number {
  if (length > LONGEST || at + length > end) return -1
  return bySymbol.get(latin1(bytes, at, at + length)) ?? -1
}
