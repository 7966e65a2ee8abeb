import type { MessageField, MessageType, Scalar } from './protobuf-type.ts'

/** Sparkplug 3.0 §6.4: the messages of a payload, and the data types of its values. */

type Row = readonly [number: number, name: string, type: Scalar | MessageType, repeated?: 'repeated']

const tables = new Map<MessageType, Map<number, MessageField>>()

function declare(name: string): MessageType {
  const fields = new Map<number, MessageField>()
  const type: MessageType = { kind: 'message', name, fields }
  tables.set(type, fields)
  return type
}

/** Messages hold each other, so they are declared before their fields are. */
function define(type: MessageType, ...rows: readonly Row[]): void {
  for (const [number, name, fieldType, repeated] of rows) {
    tables.get(type)?.set(number, { name, type: fieldType, repeated: repeated !== undefined })
  }
}

export const PAYLOAD = declare('Payload')
const metric = declare('Metric')
const metaData = declare('MetaData')
const propertySet = declare('PropertySet')
const propertySetList = declare('PropertySetList')
const propertyValue = declare('PropertyValue')
const dataSet = declare('DataSet')
const row = declare('Row')
const dataSetValue = declare('DataSetValue')
const template = declare('Template')
const parameter = declare('Parameter')

// 6.4.5
define(
  PAYLOAD,
  [1, 'timestamp', 'uint64'],
  [2, 'metrics', metric, 'repeated'],
  [3, 'seq', 'uint64'],
  [4, 'uuid', 'string'],
  [5, 'body', 'bytes'],
)
// 6.4.6
define(
  metric,
  [1, 'name', 'string'],
  [2, 'alias', 'uint64'],
  [3, 'timestamp', 'uint64'],
  [4, 'datatype', 'uint32'],
  [5, 'isHistorical', 'bool'],
  [6, 'isTransient', 'bool'],
  [7, 'isNull', 'bool'],
  [8, 'metadata', metaData],
  [9, 'properties', propertySet],
  ...values(10),
  [16, 'bytesValue', 'bytes'],
  [17, 'datasetValue', dataSet],
  [18, 'templateValue', template],
)
// 6.4.7
define(
  metaData,
  [1, 'isMultiPart', 'bool'],
  [2, 'contentType', 'string'],
  [3, 'size', 'uint64'],
  [4, 'seq', 'uint64'],
  [5, 'fileName', 'string'],
  [6, 'fileType', 'string'],
  [7, 'md5', 'string'],
  [8, 'description', 'string'],
)
// 6.4.8, 6.4.9, 6.4.11
define(propertySet, [1, 'keys', 'string', 'repeated'], [2, 'values', propertyValue, 'repeated'])
define(
  propertyValue,
  [1, 'type', 'uint32'],
  [2, 'isNull', 'bool'],
  ...values(3),
  [9, 'propertysetValue', propertySet],
  [10, 'propertysetsValue', propertySetList],
)
define(propertySetList, [1, 'propertyset', propertySet, 'repeated'])
// 6.4.12, 6.4.13
define(
  dataSet,
  [1, 'numOfColumns', 'uint64'],
  [2, 'columns', 'string', 'repeated'],
  [3, 'types', 'uint32', 'repeated'],
  [4, 'rows', row, 'repeated'],
)
define(row, [1, 'elements', dataSetValue, 'repeated'])
define(dataSetValue, ...values(1))
// 6.4.14, 6.4.15
define(
  template,
  [1, 'version', 'string'],
  [2, 'metrics', metric, 'repeated'],
  [3, 'parameters', parameter, 'repeated'],
  [4, 'templateRef', 'string'],
  [5, 'isDefinition', 'bool'],
)
define(parameter, [1, 'name', 'string'], [2, 'type', 'uint32'], ...values(3))

/** What every oneof of values begins with. */
function values(first: number): Row[] {
  return [
    [first, 'intValue', 'uint32'],
    [first + 1, 'longValue', 'uint64'],
    [first + 2, 'floatValue', 'float'],
    [first + 3, 'doubleValue', 'double'],
    [first + 4, 'booleanValue', 'bool'],
    [first + 5, 'stringValue', 'string'],
  ]
}

/** 6.4.16: by code from 0. */
export const DATA_TYPES = [
  'Unknown',
  'Int8',
  'Int16',
  'Int32',
  'Int64',
  'UInt8',
  'UInt16',
  'UInt32',
  'UInt64',
  'Float',
  'Double',
  'Boolean',
  'String',
  'DateTime',
  'Text',
  'UUID',
  'DataSet',
  'Bytes',
  'File',
  'Template',
  'PropertySet',
  'PropertySetList',
  'Int8Array',
  'Int16Array',
  'Int32Array',
  'Int64Array',
  'UInt8Array',
  'UInt16Array',
  'UInt32Array',
  'UInt64Array',
  'FloatArray',
  'DoubleArray',
  'BooleanArray',
  'StringArray',
  'DateTimeArray',
] as const

export type DataType = (typeof DATA_TYPES)[number]
