import protobufjs from 'protobufjs'
import { describe, expect, test } from 'vitest'
import { decoded, format } from './support.ts'

/** The messages of Sparkplug 3.0 §6.4, in the language that the specification gives them in. */
const schema = `
  syntax = "proto2";
  message Payload {
    message Template {
      message Parameter {
        optional string name = 1; optional uint32 type = 2;
        oneof value { uint32 int_value = 3; uint64 long_value = 4; float float_value = 5; double double_value = 6;
                      bool boolean_value = 7; string string_value = 8; }
      }
      optional string version = 1; repeated Metric metrics = 2; repeated Parameter parameters = 3;
      optional string template_ref = 4; optional bool is_definition = 5;
    }
    message DataSet {
      message DataSetValue {
        oneof value { uint32 int_value = 1; uint64 long_value = 2; float float_value = 3; double double_value = 4;
                      bool boolean_value = 5; string string_value = 6; }
      }
      message Row { repeated DataSetValue elements = 1; }
      optional uint64 num_of_columns = 1; repeated string columns = 2; repeated uint32 types = 3; repeated Row rows = 4;
    }
    message PropertyValue {
      optional uint32 type = 1; optional bool is_null = 2;
      oneof value { uint32 int_value = 3; uint64 long_value = 4; float float_value = 5; double double_value = 6;
                    bool boolean_value = 7; string string_value = 8; PropertySet propertyset_value = 9;
                    PropertySetList propertysets_value = 10; }
    }
    message PropertySet { repeated string keys = 1; repeated PropertyValue values = 2; }
    message PropertySetList { repeated PropertySet propertyset = 1; }
    message MetaData {
      optional bool is_multi_part = 1; optional string content_type = 2; optional uint64 size = 3; optional uint64 seq = 4;
      optional string file_name = 5; optional string file_type = 6; optional string md5 = 7; optional string description = 8;
    }
    message Metric {
      optional string name = 1; optional uint64 alias = 2; optional uint64 timestamp = 3; optional uint32 datatype = 4;
      optional bool is_historical = 5; optional bool is_transient = 6; optional bool is_null = 7;
      optional MetaData metadata = 8; optional PropertySet properties = 9;
      oneof value { uint32 int_value = 10; uint64 long_value = 11; float float_value = 12; double double_value = 13;
                    bool boolean_value = 14; string string_value = 15; bytes bytes_value = 16; DataSet dataset_value = 17;
                    Template template_value = 18; }
    }
    optional uint64 timestamp = 1; repeated Metric metrics = 2; optional uint64 seq = 3; optional string uuid = 4;
    optional bytes body = 5;
  }`

const Payload = protobufjs.parse(schema, new protobufjs.Root()).root.lookupType('Payload')
const payload = (values: object): unknown => decoded('sparkplug', Payload.encode(Payload.fromObject(values)).finish())
const metric = (values: object): unknown => (payload({ metrics: [values] }) as { metrics: unknown[] }).metrics[0]

test('a payload', () => {
  expect(
    payload({
      timestamp: 1486144502122,
      seq: 2,
      uuid: 'u',
      body: Buffer.of(1),
      metrics: [{ name: 'temp', alias: 7, timestamp: 1486144502123, datatype: 9, floatValue: 21.1 }],
    }),
  ).toEqual({
    timestamp: '1486144502122',
    seq: '2',
    uuid: 'u',
    body: { base64: 'AQ==' },
    metrics: [{ name: 'temp', alias: '7', timestamp: '1486144502123', datatype: 'Float', value: 21.1 }],
  })
})

describe('a value is of its data type, whatever field it was sent in', () => {
  const bytes = (hex: string) => ({ bytesValue: Buffer.from(hex.replaceAll(' ', ''), 'hex') })
  test.each<[string, number, object, unknown]>([
    ['Int8', 1, { intValue: 0xffff_ffff }, -1],
    ['Int8', 1, { intValue: 0x80 }, -128],
    ['Int16', 2, { intValue: 0xffff_fffe }, -2],
    ['Int32', 3, { intValue: 0xffff_fffd }, -3],
    ['Int64', 4, { longValue: '18446744073709551612' }, '-4'],
    ['UInt8', 5, { intValue: 255 }, 255],
    ['UInt32', 7, { intValue: 4294967295 }, 4294967295],
    ['UInt32', 7, { longValue: 4294967295 }, '4294967295'],
    ['UInt64', 8, { longValue: '18446744073709551615' }, '18446744073709551615'],
    ['Double', 10, { doubleValue: 1.1 }, 1.1],
    ['Boolean', 11, { booleanValue: false }, false],
    ['String', 12, { stringValue: 'x' }, 'x'],
    ['DateTime', 13, { longValue: 1486144502122 }, '1486144502122'],
    ['Bytes', 17, bytes('0102'), { base64: 'AQI=' }],
    ['Int8Array', 22, bytes('01 ff'), [1, -1]],
    ['Int16Array', 23, bytes('0100 ffff'), [1, -1]],
    ['Int32Array', 24, bytes('01000000 ffffffff'), [1, -1]],
    ['Int64Array', 25, bytes('ffffffffffffffff'), ['-1']],
    ['UInt8Array', 26, bytes('ff'), [255]],
    ['UInt16Array', 27, bytes('ffff'), [65535]],
    ['UInt32Array', 28, bytes('ffffffff'), [4294967295]],
    ['UInt64Array', 29, bytes('ffffffffffffffff'), ['18446744073709551615']],
    ['FloatArray', 30, bytes('cdcccc3d'), [0.1]],
    ['DoubleArray', 31, bytes('9a9999999999f13f'), [1.1]],
    [
      'BooleanArray',
      32,
      bytes('0c000000 34d0'),
      [false, false, true, true, false, true, false, false, true, true, false, true],
    ],
    ['StringArray', 33, bytes('414243 00 68656c6c6f 00'), ['ABC', 'hello']],
    ['DateTimeArray', 34, bytes('c7d0907524010000 b8bab89781010000'), ['1256102875335', '1656107875000']],
    ['Int32Array', 24, bytes('010203'), { base64: 'AQID' }],
    ['StringArray', 33, bytes('4142'), { base64: 'QUI=' }],
    ['BooleanArray', 32, bytes('ffffffff 00'), { base64: '/////wA=' }],
  ])('%s', (name, datatype, sent, value) => {
    expect(metric({ datatype, ...sent })).toEqual({ datatype: name, value })
  })

  test('and as it is where the data type is not said, or is none', () => {
    expect(metric({ alias: 3, intValue: 0xffff_ffff })).toEqual({ alias: '3', value: 0xffff_ffff })
    expect(metric({ datatype: 99, stringValue: 'x' })).toEqual({ datatype: 99, value: 'x' })
    expect(metric({ name: 'gone', datatype: 3, isNull: true })).toEqual({
      name: 'gone',
      datatype: 'Int32',
      isNull: true,
    })
  })
})

test('properties by their keys, sets of them too', () => {
  const set = {
    keys: ['unit', 'limits'],
    values: [
      { type: 12, stringValue: '°C' },
      { type: 20, propertysetValue: { keys: ['low'], values: [{ type: 3, intValue: 0xffff_fff6 }] } },
    ],
  }
  expect(metric({ name: 'm', properties: set })).toEqual({
    name: 'm',
    properties: {
      unit: { type: 'String', value: '°C' },
      limits: { type: 'PropertySet', value: { low: { type: 'Int32', value: -10 } } },
    },
  })
  expect(metric({ properties: { keys: ['a', 'b'], values: [{ type: 12 }] } })).toEqual({
    properties: { keys: ['a', 'b'], values: [{ type: 12 }] },
  })
})

test('data sets by rows', () => {
  const datasetValue = {
    numOfColumns: 2,
    columns: ['name', 'delta'],
    types: [12, 1],
    rows: [{ elements: [{ stringValue: 'a' }, { intValue: 255 }] }, { elements: [{ stringValue: 'b' }, {}] }],
  }
  expect(metric({ datatype: 16, datasetValue })).toEqual({
    datatype: 'DataSet',
    value: {
      numOfColumns: '2',
      columns: ['name', 'delta'],
      types: ['String', 'Int8'],
      rows: [
        ['a', -1],
        ['b', null],
      ],
    },
  })
})

test('templates, and templates in them', () => {
  const inner = {
    datatype: 19,
    name: 'inner',
    templateValue: { templateRef: 'T', metrics: [{ name: 'x', datatype: 1, intValue: 254 }] },
  }
  const templateValue = {
    version: '1',
    isDefinition: true,
    parameters: [{ name: 'p', type: 2, intValue: 0xffff }],
    metrics: [inner],
  }
  expect(metric({ datatype: 19, templateValue })).toEqual({
    datatype: 'Template',
    value: {
      version: '1',
      isDefinition: true,
      parameters: [{ name: 'p', type: 'Int16', value: -1 }],
      metrics: [
        {
          name: 'inner',
          datatype: 'Template',
          value: { templateRef: 'T', metrics: [{ name: 'x', datatype: 'Int8', value: -2 }] },
        },
      ],
    },
  })
})

test.each([
  ['spBv1.0/group/NBIRTH/node', true],
  ['spBv1.0/group/DDATA/node/device', true],
  ['spBv1.0/STATE/host', false],
  ['spBv1.0/group/NBIRTH', false],
  ['spBv1.0/group/OTHER/node', false],
  ['spBv1.0/group/DDATA/node/device/more', false],
  ['a/spBv1.0/group/NBIRTH/node', false],
])('%s is a topic of Sparkplug payloads: %s', (topic, is) => {
  expect(format('sparkplug').destined?.(topic)).toBe(is)
})
