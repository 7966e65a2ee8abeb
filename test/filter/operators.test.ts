import { describe, expect, it } from 'vitest'
import { compile } from '../../src/filter/index.ts'
import { matches, things } from './rows.ts'

type Case = readonly [filter: string, values: Record<string, unknown>, expected: boolean]
const table = (name: string, cases: readonly Case[]): void => {
  describe(name, () => {
    it.each(cases)('%s on %j: %j', (filter, values, expected) => {
      expect(matches(filter, values)).toBe(expected)
    })
  })
}

table('comparison of numbers', [
  ['count == 5', { count: 5 }, true],
  ['count == 5', { count: 6 }, false],
  ['count == 5', {}, false],
  ['count eq 5', { count: 5 }, true],
  ['count != 5', { count: 6 }, true],
  ['count != 5', { count: 5 }, false],
  ['count != 5', {}, false],
  ['count ne 5', { count: 6 }, true],
  ['count < 5', { count: 4 }, true],
  ['count < 5', { count: 5 }, false],
  ['count lt 5', { count: 4 }, true],
  ['count <= 5', { count: 5 }, true],
  ['count le 5', { count: 6 }, false],
  ['count > 5', { count: 6 }, true],
  ['count gt 5', { count: 5 }, false],
  ['count >= 5', { count: 5 }, true],
  ['count ge 5', { count: 4 }, false],
  ['count < 5', {}, false],
  ['count == 0x1F', { count: 31 }, true],
  ['count == "5"', { count: 5 }, true],
  ['change < -3', { change: -4 }, true],
  ['ratio >= 0.25', { ratio: 0.25 }, true],
  ['ratio < 1e-3', { ratio: 0.0001 }, true],
  ['ratio < 1', { ratio: 'NaN' }, false],
])

table('numbers beyond 2^53, which are text in the JSON', [
  ['tag == 9007199254740993', { tag: '9007199254740993' }, true],
  ['tag == 9007199254740993', { tag: '9007199254740992' }, false],
  ['tag > 9007199254740992', { tag: '9007199254740993' }, true],
  ['tag > 9007199254740993', { tag: '9007199254740993' }, false],
  ['tag > 9', { tag: '10' }, true],
  ['tag <= 18446744073709551615', { tag: '18446744073709551615' }, true],
  ['tag in {9007199254740993}', { tag: '9007199254740992' }, false],
])

table('units', [
  ['count > 10kB', { count: 10_001 }, true],
  ['count > 10kB', { count: 10_000 }, false],
  ['count >= 10KiB', { count: 10_240 }, true],
  ['count >= 10kib', { count: 10_239 }, false],
  ['count == 1.5MB', { count: 1_500_000 }, true],
  ['count == 1MiB', { count: 1_048_576 }, true],
  ['count < 1GB', { count: 999_999_999 }, true],
  ['count == 7B', { count: 7 }, true],
  ['elapsedUs > 250ms', { elapsedUs: 250_001 }, true],
  ['elapsedUs > 250ms', { elapsedUs: 250_000 }, false],
  ['elapsedUs == 3us', { elapsedUs: 3 }, true],
  ['elapsedUs == 3µs', { elapsedUs: 3 }, true],
  ['elapsedUs == 3000ns', { elapsedUs: 3 }, true],
  ['elapsedUs == 1.5s', { elapsedUs: 1_500_000 }, true],
  ['elapsedUs == 2m', { elapsedUs: 120_000_000 }, true],
  ['elapsedUs == 2min', { elapsedUs: 120_000_000 }, true],
  ['elapsedUs == 1h', { elapsedUs: 3_600_000_000 }, true],
  ['elapsedUs == 1d', { elapsedUs: 86_400_000_000 }, true],
  ['elapsedUs in {1ms..2ms}', { elapsedUs: 1_500 }, true],
  ['elapsedUs == 3', { elapsedUs: 3 }, true],
  ['group.expiry <= 1m', { group: { expiry: 60 } }, true],
  ['group.expiry < 500ms', { group: { expiry: 0 } }, true],
  ['any > 1kB', { any: 1001 }, true],
  ['any > 1kB', { any: '1001' }, true],
])

table('text', [
  ['topic == "a/b"', { topic: 'a/b' }, true],
  ['topic == a/b', { topic: 'a/b' }, true],
  ["topic == 'a/b'", { topic: 'a/b' }, true],
  ['topic == "A/b"', { topic: 'a/b' }, false],
  ['topic ==i "A/b"', { topic: 'a/B' }, true],
  ['topic !=i "A/b"', { topic: 'a/B' }, false],
  ['topic == iota', { topic: 'iota' }, true],
  ['topic==iota', { topic: 'iota' }, true],
  ['topic < "b"', { topic: 'a' }, true],
  ['topic == "5"', { topic: '05' }, false],
  ['topic == 5', { topic: '05' }, true],
  ['topic > 4', { topic: '10' }, true],
  ['topic > "4"', { topic: '10' }, false],
  ['topic == 10kB', { topic: '10kB' }, true],
  ['topic == "\\n\\t\\"\\\\\\x41\\u00e4\\u{1f600}"', { topic: '\n\t"\\A\u00e4\u{1f600}' }, true],
  ['topic == r"a\\b"', { topic: 'a\\b' }, true],
  ['lower(topic) == "abc"', { topic: 'ABC' }, true],
  ['upper(topic) == "ABC"', { topic: 'abc' }, true],
  ['len(topic) == 3', { topic: 'aä' }, true],
  ['topic == order.new', { topic: 'order.new' }, true],
  ['topic == "and"', { topic: 'and' }, true],
])

table('contains', [
  ['topic contains "b/c"', { topic: 'a/b/c' }, true],
  ['topic contains "x"', { topic: 'a/b/c' }, false],
  ['topic contains "B"', { topic: 'abc' }, false],
  ['topic icontains "B"', { topic: 'abc' }, true],
  ['body contains "ell"', { body: 'hello' }, true],
  ['body contains 65:6c', { body: 'hello' }, true],
  ['body contains fe:00', { body: { base64: '//4A' } }, true],
  ['body contains fe:01', { body: { base64: '//4A' } }, false],
  ['count contains 12', { count: 3124 }, true],
  ['token contains 0b', { token: '0a0b' }, true],
  ['token contains a0', { token: '0a0b' }, false],
])

table('matches', [
  ['topic matches "^a.*c$"', { topic: 'abc' }, true],
  ['topic matches "^b"', { topic: 'abc' }, false],
  ['topic matches "\\d+\\.\\d"', { topic: 'v1.5' }, true],
  ['topic matches "A"', { topic: 'abc' }, false],
  ['topic imatches "A"', { topic: 'abc' }, true],
  ['topic matches "(?i)A"', { topic: 'abc' }, true],
  ['body matches "\\\\xff."', { body: { base64: '//4=' } }, true],
  ['count matches "^3.4$"', { count: 3124 }, false],
  ['topic matches abc', { topic: 'xabcx' }, true],
])

table('wildcards', [
  ['topic ~ "sensors/+/temp"', { topic: 'sensors/1/temp' }, true],
  ['topic ~ sensors/+/temp', { topic: 'sensors/1/2/temp' }, false],
  ['topic ~ "order.#"', { topic: 'order.eu.new' }, true],
  ['topic ~ "order.*"', { topic: 'order.eu.new' }, false],
  ['topic ~i "ORDER.*"', { topic: 'Order.eu' }, true],
  ['topic ~ "a/#"', { topic: 5 }, false],
])

table('sets', [
  ['count in {1, 5}', { count: 5 }, true],
  ['count in {1 5}', { count: 5 }, true],
  ['count in {1, 3..9}', { count: 3 }, true],
  ['count in {1, 3..9}', { count: 9 }, true],
  ['count in {1, 3..9}', { count: 2 }, false],
  ['count in {-2..-1}', { count: -1 }, true],
  ['topic in {a, "b c"}', { topic: 'b c' }, true],
  ['topic in {a..c}', { topic: 'bb' }, true],
  ['topic in {a}', {}, false],
  ['topic not in {a}', { topic: 'b' }, true],
  ['not topic in {a}', {}, true],
])

table('flags', [
  ['durable == true', { durable: true }, true],
  ['durable == True', { durable: true }, true],
  ['durable == 1', { durable: true }, true],
  ['durable == false', { durable: false }, true],
  ['durable == 0', {}, false],
  ['durable != true', { durable: false }, true],
  ['durable', { durable: false }, true],
])

table('bytes', [
  ['body == "hello"', { body: 'hello' }, true],
  ['body == 68:65:6c:6c:6f', { body: 'hello' }, true],
  ['body == ff:fe', { body: { base64: '//4=' } }, true],
  ['body == 0xfffe', { body: { base64: '//4=' } }, true],
  ['body == ff-fe', { body: { base64: '//4=' } }, true],
  ['body > fe:00', { body: { base64: '//4=' } }, true],
  ['len(body) == 2', { body: { base64: '//4=' } }, true],
  ['token == 0a0b', { token: '0a0b' }, true],
  ['token == 0A:0B', { token: '0a0b' }, true],
  ['token == "0a0b"', { token: '0a0b' }, true],
  ['token == 1234', { token: '1234' }, true],
  ['token < 0b', { token: '0a0b' }, true],
  ['len(token) == 2', { token: '0a0b' }, true],
  ['any == 0a:0b', { any: '\n\v' }, true],
])

table('times', [
  ['at > "2026-11-23T06:46:00Z"', { at: '2026-11-23T06:46:00.000000001Z' }, true],
  ['at > 2026-11-23T06:46:00Z', { at: '2026-11-23T06:46:00.000000000Z' }, false],
  ['at == "2026-11-23 06:46"', { at: '2026-11-23T06:46:00.000Z' }, true],
  ['at >= 2026-11-23', { at: '2026-11-22T23:59:59.999999999Z' }, false],
  ['at == "2026-11-23T07:46:00.5+01:00"', { at: '2026-11-23T06:46:00.500000000Z' }, true],
  ['any < 2026-11-23', { any: '2026-11-22T00:00:00.5Z' }, true],
])

table('lists: any element does', [
  ['list == 2', { list: [1, 2] }, true],
  ['list == 3', { list: [1, 2] }, false],
  ['list != 2', { list: [1, 2] }, false],
  ['list != 3', { list: [1, 2] }, true],
  ['list != 3', { list: [] }, false],
  ['list > 1', { list: [1, 2] }, true],
  ['list.name == "b"', { list: [{ name: 'a' }, { name: 'b' }] }, true],
  ['list.0.name == "b"', { list: [{ name: 'a' }, { name: 'b' }] }, false],
  ['list[1].name == "b"', { list: [{ name: 'a' }, { name: 'b' }] }, true],
  ['list contains "b"', { list: ['a', 'abc'] }, true],
  ['count(list) > 1', { list: [1, 2] }, true],
  ['count(list) == 1', { list: 7 }, true],
  ['lower(list) == "b"', { list: ['A', 'B'] }, true],
  ['any == 3', { any: [[1], [2, 3]] }, true],
  ['list', { list: [] }, false],
])

table('paths', [
  ['group.a.b == 1', { group: { a: { b: 1 } } }, true],
  ['group.a.b == 1', { group: { 'a.b': 1 } }, true],
  ['group["a key"] == 1', { group: { 'a key': 1 } }, true],
  ['group["a"].b == 1', { group: { a: { b: 1 } } }, true],
  ['group.x-max-length == 1', { group: { 'x-max-length': 1 } }, true],
  ['group.a', { group: { a: null } }, true],
  ['group.a == 1', { group: { a: null } }, false],
  ['group.a', { group: {} }, false],
  ['group.constructor', { group: {} }, false],
  ['group.a == group.b', { group: { a: 1, b: '1' } }, true],
  ['group.a != group.b', { group: { a: 1, b: 2 } }, true],
  ['group.a != group.b', { group: { a: 1 } }, false],
  ['group.a < group.b', { group: { a: 9, b: '10' } }, true],
  ['group.a contains group.b', { group: { a: 'abc', b: 'b' } }, true],
  ['group.a == lower(topic)', { group: { a: 'x' }, topic: 'X' }, true],
])

table('conditions', [
  ['topic', { topic: '' }, true],
  ['topic', {}, false],
  ['toy', {}, true],
  ['other', {}, false],
  ['!topic', {}, true],
  ['not topic', { topic: '' }, false],
  ['not not topic', { topic: '' }, true],
  ['topic && count', { topic: '', count: 0 }, true],
  ['topic and count', { topic: '' }, false],
  ['topic || count', { count: 0 }, true],
  ['topic or count', {}, false],
  ['topic || count && durable', { topic: '' }, true],
  ['(topic || count) && durable', { topic: '' }, false],
  ['!topic && count', { count: 0 }, true],
  ['!(topic && count)', { count: 0 }, true],
  ['topic not contains "a"', { topic: 'b' }, true],
])

it('takes bigints as well', () => {
  expect(matches('tag == 9007199254740993', { tag: 9007199254740993n })).toBe(true)
  expect(matches('tag == 9007199254740993', { tag: 9007199254740992n })).toBe(false)
})

describe('what a filter reads', () => {
  it('is nothing, for what is known of every row', () => {
    expect(compile('toy && count > 3', things).reads).toBe(false)
  })
})
