import { readFileSync } from 'node:fs'
import type { Type, types } from 'avsc'
import { hex } from '../../codecs/core/index.ts'
import {
  type AvroType,
  decodeAvro,
  type Logical,
  type PayloadFormat,
  plainText,
  type Reading,
  Unreadable,
} from '../../codecs/payload/index.ts'
import { usage } from '../failure.ts'
import { fingerprint } from './fingerprint.ts'

/** Avro by schemas that files hold. Schemas are the library's to read; the bytes are read by codecs/payload. */

export interface Schema {
  readonly type: AvroType
  readonly name: string | undefined
  /** CRC-64-AVRO of its canonical form, as a single object's header has it: hexadecimal, the low byte first. */
  readonly fingerprint: string
}

export async function loadAvro(files: readonly string[]): Promise<PayloadFormat[]> {
  const schemas = files.length === 0 ? [] : await Promise.all(files.map(readSchema))
  return [declared(schemas), guessed(schemas)]
}

async function readSchema(file: string): Promise<Schema> {
  const { default: library } = await import('avsc')
  try {
    const type = library.Type.forSchema(JSON.parse(readFileSync(file, 'utf8')), { logicalTypes: logicalTypes(library) })
    return {
      type: described(type, new Map()),
      name: type.name,
      fingerprint: fingerprint(JSON.stringify(type.schema())),
    }
  } catch (error) {
    throw usage(`--avro ${file}: ${(error as Error).message}`, 'Give an Avro schema in JSON, an .avsc file.')
  }
}

type Library = typeof import('avsc')

/** What is kept of a logical type: the library knows none by itself. */
const LOGICAL: readonly (readonly [name: string, ...of: string[]])[] = [
  ['decimal', 'bytes', 'fixed'],
  ['date', 'int'],
  ['timestamp-millis', 'long'],
  ['timestamp-micros', 'long'],
  ['timestamp-nanos', 'long'],
  ['local-timestamp-millis', 'long'],
  ['local-timestamp-micros', 'long'],
  ['local-timestamp-nanos', 'long'],
]

type LogicalTypes = NonNullable<Parameters<Library['Type']['forSchema']>[1]>['logicalTypes']

function logicalTypes({ types }: Library): NonNullable<LogicalTypes> {
  return Object.fromEntries(
    LOGICAL.map(([name, ...of]) => [
      name,
      class extends types.LogicalType {
        readonly logical: Logical
        constructor(schema: { scale?: unknown }, options: object) {
          super(schema as never, options as never)
          // A logical type that does not fit what it stands on is to be ignored; the library does so where this throws.
          if (!of.includes(this.underlyingType.typeName)) throw new Error(`${name} of ${this.underlyingType.typeName}`)
          this.logical = { name, scale: typeof schema.scale === 'number' ? schema.scale : 0 }
        }
      } as never,
    ]),
  )
}

/** Records hold each other, themselves too: a record is known before its fields are. */
function described(type: Type, records: Map<Type, AvroType>): AvroType {
  const name = type.typeName
  if (name.startsWith('logical:')) {
    const { underlyingType, logical } = type as types.LogicalType & { readonly logical: Logical }
    return { ...described(underlyingType, records), logical } as AvroType
  }
  if (name.startsWith('union:')) {
    return {
      type: 'union',
      branches: (type as types.UnwrappedUnionType).types.map(branch => described(branch, records)),
    }
  }
  switch (name) {
    case 'record':
    case 'error': {
      const known = records.get(type)
      if (known !== undefined) return known
      const fields: { name: string; type: AvroType }[] = []
      const record: AvroType = { type: 'record', fields }
      records.set(type, record)
      for (const field of (type as types.RecordType).fields) {
        fields.push({ name: field.name, type: described(field.type, records) })
      }
      return record
    }
    case 'array':
      return { type: 'array', items: described((type as types.ArrayType).itemsType, records) }
    case 'map':
      return { type: 'map', values: described((type as types.MapType).valuesType as Type, records) }
    case 'enum':
      return { type: 'enum', symbols: (type as types.EnumType).symbols }
    case 'fixed':
      return { type: 'fixed', size: (type as types.FixedType).size }
    default:
      return { type: name.replace('abstract:', '') } as AvroType
  }
}

const SINGLE_OBJECT = 10
const CONFLUENT = 5

/** `c3 01` and a fingerprint (Avro, "Single object encoding"). */
const fingerprintOf = (bytes: Uint8Array): string | undefined =>
  bytes[0] === 0xc3 && bytes[1] === 0x01 && bytes.length >= SINGLE_OBJECT ? hex(bytes, 2, SINGLE_OBJECT) : undefined

/** A zero and the schema's number in Confluent's registry. */
const schemaIdOf = (bytes: Uint8Array): number | undefined =>
  bytes[0] === 0 && bytes.length >= CONFLUENT ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(1) : undefined

const AVRO = { id: 'avro', name: 'Avro' }

/** For bodies that are said to be Avro, and for single objects, whose mark says it. */
function declared(schemas: readonly Schema[]): PayloadFormat {
  return {
    ...AVRO,
    contentTypes: [
      'avro/binary',
      'application/avro',
      'application/avro-binary',
      'application/x-avro',
      'application/vnd.apache.avro',
      '+avro',
    ],
    looks: bytes => (fingerprintOf(bytes) === undefined ? 0 : 1),
    decode: bytes => decodeAny(bytes, schemas),
  }
}

/** For bodies of which nothing is said: what is no text, and one of the schemas takes to the last byte. */
function guessed(schemas: readonly Schema[]): PayloadFormat {
  return {
    ...AVRO,
    contentTypes: [],
    looks: bytes => (schemas.length > 0 && plainText(bytes) === undefined ? 0.2 : 0),
    decode: bytes => decodeAny(bytes, schemas),
  }
}

function decodeAny(bytes: Uint8Array, schemas: readonly Schema[]): Reading {
  const print = fingerprintOf(bytes)
  const known = schemas.find(schema => schema.fingerprint === print)
  if (known !== undefined) return reading(bytes, known, SINGLE_OBJECT)
  const schemaId = schemaIdOf(bytes)
  let first: Unreadable | undefined
  for (const start of schemaId === undefined ? [0] : [CONFLUENT, 0]) {
    for (const schema of schemas) {
      try {
        return { ...reading(bytes, schema, start), ...(start === 0 ? {} : { schemaId: schemaId as number }) }
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error
        first ??= error
      }
    }
  }
  if (print !== undefined) throw new Unreadable(`the schema with fingerprint ${print} is not given (--avro FILE)`)
  if (first !== undefined) throw first
  throw new Unreadable(
    `${schemaId === undefined ? 'its schema' : `schema ${schemaId} of its registry`} is not given (--avro FILE)`,
  )
}

const reading = (bytes: Uint8Array, { type, name }: Schema, start: number): Reading => ({
  value: decodeAvro(bytes, type, start),
  ...(name === undefined ? {} : { type: name }),
})
