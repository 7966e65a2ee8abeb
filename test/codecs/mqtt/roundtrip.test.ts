import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Writer } from '../../../codecs/core/index.ts'
import { mqtt } from '../../../codecs/mqtt/index.ts'
import { frames, type Version } from './arbitraries.ts'
import { bytesOf, contextOf, plain, read, senderOf, write } from './support.ts'

describe.each([3, 4, 5] as Version[])('level %i', version => {
  test.each(Object.entries(frames(version)))('read(write(%s)) is what was written', (type, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, frame => {
        const bytes = write(frame, version)
        const { frame: back, diagnostics } = read(bytes, version, senderOf(type))
        const { remainingLength, reasonName, ...rest } = plain(back)
        expect(rest).toEqual(plain(frame))
        expect(diagnostics).toEqual([])
        expect(remainingLength).toBe(bytes.length - (bytes.findIndex((byte, at) => at > 0 && byte < 0x80) + 1))
        expect(write(back, version)).toEqual(bytes)
        expect(mqtt.delimit(bytes, 0, bytes.length, contextOf(version), { at: 0, mark: 0 })).toBe(bytes.length)
      }),
      { numRuns: 150 },
    )
  })
})

test('properties that are left out are written as none', () => {
  const bytes = write({ type: 'subscribe', packetId: 1, subscriptions: [{ topicFilter: 'a', qos: 0 }] }, 5)
  expect(Buffer.from(bytes).toString('hex')).toBe('82070001000001610' + '0')
})

test('the order among properties is the order of the object', () => {
  const one = write({ type: 'disconnect', reasonCode: 0, properties: { reasonString: 'x', serverReference: 'y' } }, 5)
  const two = write({ type: 'disconnect', reasonCode: 0, properties: { serverReference: 'y', reasonString: 'x' } }, 5)
  expect(one).not.toEqual(two)
  expect(one.length).toBe(two.length)
})

test('changed properties are written changed, though others were read beside them', () => {
  const { frame } = read(bytesOf('30 0e 0001 61 09 26 0001 61 0000 23 0001 78'), 5, 'client')
  if (frame.type !== 'publish') throw new Error(frame.type)
  const changed = { ...plain(frame), type: 'publish', properties: { ...frame.properties, topicAlias: 7 } }
  const { frame: back } = read(write(changed as typeof frame, 5), 5, 'client')
  expect(plain(back).properties).toEqual({ userProperties: [{ name: 'a', value: '' }], topicAlias: 7 })
})

test('what has no room in a packet is refused', () => {
  const long = 'x'.repeat(65_536)
  const frame = { type: 'unsubscribe', packetId: 1, topicFilters: [long] } as const
  expect(() => mqtt.write(new Writer(), frame, contextOf(4))).toThrow(RangeError)
  const unknown = { type: 'disconnect', reasonCode: 0, properties: { nonsense: 1 } as object } as const
  expect(() => mqtt.write(new Writer(), unknown, contextOf(5))).toThrow(RangeError)
})
