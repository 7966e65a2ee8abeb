import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { amqp091 } from '../../../codecs/amqp091/index.ts'
import { plans } from '../../../codecs/amqp091/plan.ts'
import { FrameReader } from '../../../codecs/core/index.ts'
import { anyFrame, body, type Frame, header, methodFrame, other, plain } from './arbitrary.ts'
import { delimit, hex, packetOf, read, write } from './support.ts'

const kinds: readonly (readonly [string, fc.Arbitrary<Frame>])[] = [
  ...plans.map(plan => [plan.type, methodFrame(plan)] as const),
  ['header', header],
  ['body', body],
  ['others', other],
]

describe.each(kinds)('%s', (_, frames) => {
  test('is read as it was written, at a glance and in depth, and written as it was read', () => {
    fc.assert(
      fc.property(frames, frame => {
        const bytes = write(frame)
        expect(delimit(bytes)).toBe(bytes.length)
        expect(amqp091.type(packetOf(bytes))).toBe(frame.type)
        for (const deep of [false, true]) {
          const reading = read(bytes, deep)
          expect(plain(reading.frame)).toEqual(plain(frame))
          expect(hex(write(reading.frame))).toBe(hex(bytes))
        }
      }),
      { numRuns: 60 },
    )
  })
})

test('what was changed is written anew, the rest as it was', () => {
  fc.assert(
    fc.property(header, frame => {
      const reading = read(write(frame)).frame
      if (reading.type !== 'header') throw new Error('not a header')
      const { values } = reading.properties as unknown as { values: object }
      const changed = { ...reading, properties: { ...values, appId: 'changed' } }
      expect(plain(read(write(changed)).frame)).toEqual(plain(changed))
    }),
  )
})

test('damaged frames are read alike at a glance, in depth and traced', () => {
  const ordinary = ['basic.publish', 'basic.deliver', 'basic.ack'].map(type =>
    methodFrame(plans.find(plan => plan.type === type) as (typeof plans)[number]),
  )
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(fc.oneof(...ordinary, header, body), damage, fc.nat(6), (frame, changes, cut) => {
      const bytes = write(frame).slice()
      for (const [at, byte] of changes) bytes[7 + (at % (bytes.length - 7))] = byte
      const kept = bytes.subarray(0, bytes.length - (cut > 3 ? cut - 3 : 0))
      const traced = new FrameReader().trace(amqp091, packetOf(kept))
      expect(plain(read(kept).frame)).toEqual(plain(traced.frame))
      const deep = read(kept, true)
      expect(plain(deep.frame)).toEqual(plain(traced.frame))
      expect(deep.diagnostics).toEqual(traced.diagnostics)
    }),
    { numRuns: 3000 },
  )
})

test('no bytes at all make reading throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(1, 2, 3, 8, 0x41), (bytes, type) => {
      const some = Uint8Array.of(type, ...bytes)
      const { frame } = read(some, true)
      amqp091.summary(frame)
      amqp091.facts?.(frame)
      plain(read(some).frame)
    }),
    { numRuns: 3000 },
  )
})

test('the summary of any frame is one line that moves no cursor', () => {
  fc.assert(
    fc.property(anyFrame, frame => {
      expect(amqp091.summary(read(write(frame)).frame)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
    }),
    { numRuns: 500 },
  )
})
