import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readValue } from '../../../codecs/amqp10/decode.ts'
import { writeValue } from '../../../codecs/amqp10/encode.ts'
import { type Amqp10Frame, amqp10, Decimal, Scalar, type Transfer, type Value } from '../../../codecs/amqp10/index.ts'
import { Deferred, FrameReader, Reader, toJson, Writer } from '../../../codecs/core/index.ts'
import { run } from '../../battery/run.ts'
import { vectors } from '../../battery/wire.ts'
import { frame, message, plainOf, scalarTypes, value } from './arbitrary.ts'
import { bare, bytesOf, decode, encode, hexOf } from './support.ts'

const roundTrip = (written: Value) => {
  const writer = new Writer()
  writeValue(writer, written)
  const bytes = writer.take()
  const reader = new Reader().openBytes(bytes, 0, bytes.length)
  const read = readValue(reader, 'value')
  expect(reader.remaining).toBe(0)
  writeValue(writer, read)
  expect(hexOf(writer.take())).toBe(hexOf(bytes))
  return read
}

describe('values', () => {
  test.each(scalarTypes)('of type %s are read as they were written', type => {
    fc.assert(
      fc.property(plainOf(type), plain => {
        const read = roundTrip(Scalar.of(type, plain)) as Scalar
        expect(read.type).toBe(type)
        expect(read.value).toEqual(plain)
      }),
    )
  })

  test('of all types, nested, are written back as they came', () => {
    fc.assert(
      fc.property(value, written => {
        const read = roundTrip(written)
        expect(JSON.stringify(toJson(read))).toBe(JSON.stringify(toJson(written)))
      }),
    )
  })

  test('decimals keep every digit of their text', () => {
    const digits = (most: number) => fc.bigInt({ min: 0n, max: 10n ** BigInt(most) - 1n })
    const cases = [
      ['decimal32', 7, 90, 101],
      ['decimal64', 16, 369, 398],
      ['decimal128', 34, 6111, 6176],
    ] as const
    for (const [type, most, high, low] of cases) {
      fc.assert(
        fc.property(
          digits(most),
          fc.integer({ min: -low, max: high }),
          fc.boolean(),
          (coefficient, exponent, minus) => {
            const text = `${minus ? '-' : ''}${coefficient}E${exponent}`
            const decimal = Decimal.parse(type, text)
            const [, sign, whole = '', fraction = '', power = '0'] =
              /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]\d+))?$/.exec(decimal.toString()) ?? []
            expect([sign, BigInt(whole + fraction), Number(power) - fraction.length]).toEqual([
              minus ? '-' : '',
              coefficient,
              exponent,
            ])
          },
        ),
      )
    }
  })
})

describe('frames', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(frame, written => {
        const { frame: read, diagnostics } = decode(encode(written))
        expect(diagnostics).toEqual([])
        expect(bare(read)).toEqual(written)
      }),
      { numRuns: 1000 },
    )
  })

  test('are read alike at a glance and with every byte named', () => {
    const reader = new FrameReader()
    for (const vector of vectors(amqp10)) {
      for (const packet of run(amqp10, vector.steps, vector.joined)) {
        if (packet.kind !== 'frame') continue
        const shallow = reader.read(amqp10, packet).frame as Amqp10Frame
        const traced = reader.trace(amqp10, packet).frame as Amqp10Frame
        expect(plainly(shallow), vector.title).toEqual(plainly(traced))
      }
    }
  })

  test('with a field changed keep the encodings of all others', () => {
    fc.assert(
      fc.property(frame, fc.integer({ min: 0, max: 0xffff }), (written, channel) => {
        if (!('channel' in written)) return
        const bytes = encode(written)
        const changed = encode({ ...decode(bytes).frame, channel } as Amqp10Frame)
        expect(hexOf(changed.subarray(8))).toBe(hexOf(bytes.subarray(8)))
        expect((decode(changed).frame as { channel: number }).channel).toBe(channel)
      }),
    )
    // A disposition all in wide encodings: role, first, last, settled, state.
    const wide = bytesOf(
      '00000042 02000000 00 80 0000000000000015 d0 00000025 00000005 56 01 70 00000001 70 00000002 56 00 00 80 0000000000000024 d0 00000004 00000000',
    )
    wide[3] = wide.length
    const { frame: read } = decode(wide)
    expect(hexOf(encode(read))).toBe(hexOf(wide))
    const narrow = hexOf(encode({ ...read, first: 9 } as Amqp10Frame))
    expect(narrow).toBe(
      hexOf(wide)
        .replace('7000000001', '5209')
        .replace('00000025', '00000022')
        .replace(/^.{8}/, hexOf(sizeOf(wide.length - 3))),
    )
  })
})

describe('messages', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(message, written => {
        const transfer: Transfer = { type: 'transfer', channel: 0, handle: 0, deliveryId: 0, message: written }
        const read = decode(encode(transfer)).frame as Transfer
        expect(read.message).toBeInstanceOf(Deferred)
        expect(toJson(read.message)).toEqual(toJson(written))
        const { message: glanced } = decode(encode(transfer), false).frame as Transfer
        expect((glanced as typeof read.message & Deferred<unknown>).value).toEqual(
          (read.message as Deferred<unknown>).value,
        )
        // Taken apart and put together again, in the encodings that its values kept.
        const again = encode({ ...bare(read), message: (read.message as Deferred<typeof written>).value })
        expect(hexOf(again)).toBe(hexOf(encode(transfer)))
      }),
      { numRuns: 500 },
    )
  })
})

test('what is no value is reported, never thrown', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
      const reader = new Reader().openBytes(bytes, 0, bytes.length)
      const read = readValue(reader, 'value')
      expect(reader.position).toBeLessThanOrEqual(bytes.length)
      toJson(read)
    }),
    { numRuns: 5000 },
  )
})

const sizeOf = (size: number) => Uint8Array.of(size >>> 24, size >>> 16, size >>> 8, size)

/** A frame's values as they are, without what reading keeps beside them. */
function plainly(frame: Amqp10Frame): unknown {
  return JSON.stringify(toJson(bare(frame)))
}
