import fc from 'fast-check'
import { expect, test } from 'vitest'
import { indexOf } from '../../../codecs/core/index.ts'

test('finds the first of a byte in a range, near or far, and nothing beyond its end', () => {
  fc.assert(
    fc.property(fc.nat({ max: 600 }), fc.nat({ max: 600 }), fc.array(fc.nat({ max: 600 })), (from, length, places) => {
      const around = new Uint8Array(1300).fill(7)
      const bytes = around.subarray(10, 1290)
      for (const place of places) bytes[place] = 0
      const end = Math.min(from + length, bytes.length)
      const wanted = places.filter(place => place >= from && place < end).sort((a, b) => a - b)[0] ?? -1
      expect(indexOf(bytes, 0, from, end)).toBe(wanted)
    }),
    { numRuns: 2000 },
  )
})
