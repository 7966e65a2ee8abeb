import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Headers, stomp, stompFrame, versions } from '../../../codecs/stomp/index.ts'
import { run } from '../../battery/run.ts'
import type { Step } from '../../battery/wire.ts'
import { frames } from './arbitrary.ts'
import { delimit, packetOf, pairs, read, utf8, write } from './support.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe.each(versions)('STOMP %s', version => {
  test('frames are read as they were written, at a glance and in depth, and written as they were read', () => {
    fc.assert(
      fc.property(frames(version), frame => {
        const bytes = write(frame, version)
        expect(delimit(bytes)).toBe(bytes.length)
        expect(stomp.type(packetOf(bytes, version))).toBe(frame.type)
        // A body that holds a NUL needs its length told.
        const added = frame.body?.includes(0) ? [['content-length', `${frame.body.length}`]] : []
        for (const deep of [false, true]) {
          const got = read(bytes, version, deep).frame
          expect(got.type).toBe(frame.type)
          expect(pairs(got)).toEqual([...pairs(frame), ...added])
          expect(got.body).toEqual(frame.body)
          expect(got.crlf).toBe(frame.crlf)
          expect(hex(write(got, version))).toBe(hex(bytes))
        }
      }),
      { numRuns: 1500 },
    )
  })

  test('what was changed is written anew, the rest as it was', () => {
    fc.assert(
      fc.property(frames(version), fc.uint8Array({ minLength: 1, maxLength: 20 }), (frame, body) => {
        const { frame: wire } = read(write(frame, version), version, false)
        const got = read(write({ ...wire, body }, version), version).frame
        expect(got.body).toEqual(body)
        const others = (all: [string, string][]) => all.filter(([name]) => name !== 'content-length')
        expect(others(pairs(got))).toEqual(others(pairs(wire)))
      }),
      { numRuns: 300 },
    )
  })
})

test('frames one after the other are cut the same, whatever chunks they come in', () => {
  const opening = utf8('CONNECT\naccept-version:1.2\nhost:/\n\n\0')
  fc.assert(
    fc.property(
      fc.array(fc.oneof(frames('1.2'), fc.constantFrom('\n', '\r\n')), { maxLength: 6 }),
      fc.array(fc.nat({ max: 400 })),
      (parts, cuts) => {
        const pieces = parts.map(part => (typeof part === 'string' ? utf8(part) : write(part, '1.2').slice()))
        const bytes = Buffer.concat([opening, ...pieces])
        const at = [0, ...cuts.filter(cut => cut < bytes.length).sort((a, b) => a - b), bytes.length]
        const steps = at.slice(1).map((end, index): Step => {
          return { type: 'data', side: 'client', bytes: new Uint8Array(bytes.subarray(at[index], end)) }
        })
        const packets = run(stomp, steps, 'start')
        expect(packets.map(packet => [packet.kind, packet.length])).toEqual(
          [opening, ...pieces].map(piece => ['frame', piece.length]),
        )
      },
    ),
    { numRuns: 500 },
  )
})

test('a field said beside the headers goes over what they say', () => {
  const { frame } = read('SEND\ndestination:/queue/a\nx:\\cy\ncontent-length:2\n\nhi\0', '1.2')
  const changed = { ...frame, destination: '/queue/b', receipt: 'r:1', body: utf8('hello') }
  expect(Buffer.from(write(changed, '1.2')).toString()).toBe(
    'SEND\ndestination:/queue/b\nx:\\cy\ncontent-length:5\nreceipt:r\\c1\n\nhello\0',
  )
})

test('a content-length that is asked for is written, be it wrong', () => {
  const frame = { ...stompFrame('SEND', Headers.of(['destination', '/queue/a']), utf8('hello')), contentLength: 99 }
  expect(Buffer.from(write(frame, '1.2')).toString()).toBe('SEND\ndestination:/queue/a\ncontent-length:99\n\nhello\0')
})

test('a frame read in one version is written as another escapes it', () => {
  const { frame } = read('SEND\ndestination:/queue/a\npath:c\\c\\\\new\n\n\0', '1.2', false)
  expect(Buffer.from(write(frame, '1.0')).toString()).toBe('SEND\ndestination:/queue/a\npath:c:\\new\n\n\0')
})

test('a line feed that STOMP 1.0 cannot say makes no other frame', () => {
  const frame = stompFrame('SEND', Headers.of(['destination', 'a\n\n\0SEND'], ['x:y', 'z']), utf8(''))
  expect(Buffer.from(write(frame, '1.0')).toString()).toBe('SEND\ndestination:a\\n\\n\0SEND\nx\\cy:z\n\n\0')
})
