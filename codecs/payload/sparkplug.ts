import type { PayloadFormat } from './format.ts'
import { decodeMessage } from './protobuf.ts'
import { unpack } from './sparkplug-array.ts'
import { DATA_TYPES, type DataType, PAYLOAD } from './sparkplug-table.ts'

/**
 * Sparkplug B (Sparkplug 3.0 §6.4). A value stands under `value`, signed where its data type is, whatever field it was
 * sent in; properties are an object, a data set's rows are lists.
 */
export const sparkplug: PayloadFormat = {
  id: 'sparkplug',
  name: 'Sparkplug B',
  contentTypes: ['application/vnd.sparkplug+protobuf'],
  destined: topic => TOPIC.test(topic),
  decode: bytes => ({ value: payload(decodeMessage(bytes, PAYLOAD).value) }),
}

/** §4.1.1: namespace, group, message type, edge node, device. A host's STATE is JSON. */
const TOPIC = /^spBv1\.0\/[^/]*\/(?:NBIRTH|NDEATH|NDATA|NCMD|DBIRTH|DDEATH|DDATA|DCMD)\/[^/]*(?:\/[^/]*)?$/

type Values = Record<string, unknown>
type Shape = (values: Values) => unknown

const each =
  (shape: Shape): ((list: unknown) => unknown) =>
  list =>
    (list as readonly Values[]).map(shape)

/** The values, some of them as a function has it that is named after them. */
function shaped(values: Values, shapes: Readonly<Record<string, (value: unknown) => unknown>>): Values {
  const result: Values = Object.create(null)
  for (const name in values) result[name] = shapes[name]?.(values[name]) ?? values[name]
  return result
}

const payload: Shape = values => shaped(values, { metrics: each(metric) })

/** The value is what is left when a oneof's fields are taken for what they are. */
function metric(values: Values): Values {
  const { datatype, ...rest } = withoutValue(values)
  const type = typeName(datatype)
  const named: Values = Object.create(null)
  for (const name of ['name', 'alias', 'timestamp']) if (name in rest) named[name] = rest[name]
  if (datatype !== undefined) named.datatype = type ?? datatype
  Object.assign(named, rest)
  if (named.properties !== undefined) named.properties = properties(named.properties as Values)
  return withValue(named, values, type)
}

const parameter: Shape = values => {
  const rest = withoutValue(values)
  const type = typeName(rest.type)
  return withValue({ ...rest, ...(type === undefined ? {} : { type }) }, values, type)
}

const template: Shape = values => shaped(values, { metrics: each(metric), parameters: each(parameter) })

/** Keys and values stand in two lists of one length. */
const properties: Shape = values => {
  const { keys, values: list, ...rest } = values as { keys?: unknown[]; values?: Values[] }
  if (keys === undefined || list === undefined || keys.length !== list.length) return values
  const object: Values = Object.create(null)
  for (const [index, key] of keys.entries()) object[String(key)] = parameter(list[index] as Values)
  return Object.keys(object).length === keys.length && Object.keys(rest).length === 0 ? object : values
}

const dataSet: Shape = values => {
  const types = ((values.types ?? []) as number[]).map(typeName)
  const row: Shape = ({ elements = [] }) =>
    (elements as Values[]).map((element, column) => interpreted(element, types[column]) ?? null)
  const names = (codes: unknown) => (codes as number[]).map((code, column) => types[column] ?? code)
  return shaped(values, { types: names, rows: each(row) })
}

const typeName = (code: unknown): DataType | undefined => DATA_TYPES[code as number]

/** The fields of the oneofs, and what each holds. */
const VALUES: Readonly<Record<string, (value: unknown, type: DataType | undefined) => unknown>> = {
  intValue: integer,
  longValue: integer,
  floatValue: asIs,
  doubleValue: asIs,
  booleanValue: asIs,
  stringValue: asIs,
  bytesValue: (value, type) => unpack(value as Uint8Array, type) ?? value,
  datasetValue: value => dataSet(value as Values),
  templateValue: value => template(value as Values),
  propertysetValue: value => properties(value as Values),
  propertysetsValue: value => ((value as Values).propertyset as Values[] | undefined)?.map(properties) ?? [],
}

function asIs(value: unknown): unknown {
  return value
}

const BITS: Partial<Record<DataType, number>> = { Int8: 8, Int16: 16, Int32: 32, Int64: 64 }

/** Negative integers are sent as unsigned ones, in two's complement. */
function integer(value: unknown, type: DataType | undefined): unknown {
  const bits = type === undefined ? undefined : BITS[type]
  if (bits === undefined) return value
  const signed = BigInt.asIntN(bits, BigInt(value as number | string))
  return bits === 64 ? String(signed) : Number(signed)
}

function interpreted(values: Values, type: DataType | undefined): unknown {
  for (const name in VALUES) if (values[name] !== undefined) return VALUES[name]?.(values[name], type)
  return undefined
}

function withoutValue(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !Object.hasOwn(VALUES, name)))
}

function withValue(rest: Values, values: Values, type: DataType | undefined): Values {
  const value = interpreted(values, type)
  return value === undefined ? rest : { ...rest, value }
}
