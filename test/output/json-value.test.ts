import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AnyCodec,
  type FieldKind,
  type FieldShape,
  type Frame,
  frameToJson,
  toJson,
} from '../../codecs/core/index.ts'
import { printableJson } from '../../src/output/escape.ts'
import { writeFields, writeValue } from '../../src/output/json-value.ts'
import { Lines } from '../../src/output/lines.ts'
import { toy } from './toy.ts'

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ minLength: 100, maxLength: 300 }))
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.uint8Array({ max: 0x7f, maxLength: 3000 }),
  fc.uint8Array({ max: 0x80, minLength: 1000, maxLength: 1100 }),
  text.map(content => new Uint8Array(Buffer.from(content))),
)
const leaf = fc.oneof(text, bytes, fc.boolean(), fc.bigInt(), fc.double(), fc.integer(), fc.maxSafeInteger())
const value = fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.string(), leaf), fc.constant(null))
const kind = fc.constantFrom<FieldKind>('uint', 'int', 'long', 'float', 'text', 'bytes', 'hex', 'any')

const written = (write: (lines: Lines) => void): string => {
  const lines = new Lines()
  write(lines)
  return lines.take().toString()
}

describe('writing JSON', () => {
  it('gives what toJson and JSON.stringify give, for any value', () => {
    fc.assert(
      fc.property(value, kind, (value, kind) => {
        expect(written(lines => writeValue(lines, value, kind))).toBe(
          printableJson(JSON.stringify(toJson(value, kind))),
        )
      }),
      { numRuns: 2000 },
    )
  })

  it('gives what frameToJson gives, for any frame', () => {
    fc.assert(
      fc.property(text, bytes, fc.boolean(), (user, password, secrets) => {
        const frame = { type: 'login', user, password } as Frame
        const expected = printableJson(JSON.stringify(frameToJson(toy as AnyCodec, frame, { secrets })))
        expect(written(lines => writeFields(lines, toy, frame, secrets))).toBe(expected)
      }),
    )
    expect(written(lines => writeFields(lines, toy, { type: 'say' }, false))).toBe('{}')
  })
})

describe('writing a frame as JSON', () => {
  const name = fc.oneof(fc.constantFrom('user', 'password', 'constructor', '__proto__', '1', 'a"b'), fc.string())
  const { shape } = fc.letrec<{ shape: FieldShape }>(tie => ({
    shape: fc.record(
      {
        kind,
        secret: fc.boolean(),
        fields: fc.dictionary(name, tie('shape'), { maxKeys: 4, noNullPrototype: true }),
      },
      { requiredKeys: ['kind'], noNullPrototype: true },
    ) as fc.Arbitrary<FieldShape>,
  }))
  const { nested } = fc.letrec<{ nested: unknown }>(tie => ({
    nested: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.dictionary(name, tie('nested'), { maxKeys: 4 }),
      fc.dictionary(name, tie('nested'), { maxKeys: 4 }).map(value => ({ toJSON: () => value })),
      fc.array(leaf),
      fc.constantFrom(null, undefined),
    ),
  }))

  it('gives what frameToJson gives, whatever the shapes, for listed types and for others', () => {
    const fields = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), shape, { maxKeys: 4, noNullPrototype: true })
    const given = fc.tuple(fields, fields, fc.constantFrom('listed', 'unlisted', 'constructor'), fc.boolean(), fc.gen())
    fc.assert(
      fc.property(given, ([listed, unlisted, type, secrets, gen]) => {
        const shapes = {
          frames: { listed: { section: '', fields: listed } },
          unlisted: { section: '', fields: unlisted },
        }
        const codec = shapes as unknown as AnyCodec
        const frame: Record<string, unknown> = { type }
        for (const field of Object.keys({ ...listed, ...unlisted })) frame[field] = gen(() => nested)
        const json = frameToJson(codec, frame as unknown as Frame, { secrets })
        const expected = printableJson(JSON.stringify(json))
        expect(written(lines => writeFields(lines, codec, frame as unknown as Frame, secrets))).toBe(expected)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('Lines', () => {
  it('writes numbers as they are printed', () => {
    const whole = fc.oneof(
      fc.nat(),
      fc.maxSafeInteger().map(Math.abs),
      fc.constantFrom(0, 9, 10, 99, 100, 2 ** 32 - 1, 2 ** 32),
    )
    fc.assert(
      fc.property(whole, fc.integer({ min: 1, max: 20 }), (number, width) => {
        expect(written(lines => lines.number(number, width))).toBe(String(number).padStart(width, '0'))
      }),
    )
  })

  it('grows, and begins anew', () => {
    const lines = new Lines()
    const long = 'ö'.repeat(200_000)
    lines.text('a')
    lines.text(long)
    lines.printable(`${long}\n`)
    expect(lines.take().toString()).toBe(`a${long}${long}\\n`)
    expect(lines.length).toBe(0)
    lines.text('b')
    expect(lines.take().toString()).toBe('b')
  })
})
