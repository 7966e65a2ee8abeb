import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nameAt, textAt, utf8, validUtf8 } from '../../../codecs/core/index.ts'

/** Few different bytes and lengths, so that many texts fall on the same slot; and some that are no text. */
const few = fc.uint8Array({ maxLength: 70 }).map(bytes => bytes.map(byte => (byte > 250 ? byte : 0x61 + (byte & 3))))

test('what was kept never changes what is read', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(few, fc.uint8Array({ maxLength: 70 })), { minLength: 1, maxLength: 50 }), texts => {
      for (const bytes of [...texts, ...texts]) {
        const around = Uint8Array.of(0x61, ...bytes, 0x61)
        const end = bytes.length + 1
        expect(nameAt(around, 1, end)).toBe(validUtf8(around, 1, end))
        expect(textAt(around, 1, end)).toBe(utf8(around, 1, end))
      }
    }),
    { numRuns: 500 },
  )
})
