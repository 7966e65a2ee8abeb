import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Receipts } from '../../src/load/receipts.ts'

const noted = (numbers: Iterable<number>): Receipts => {
  const receipts = new Receipts()
  for (const number of numbers) receipts.note(number)
  return receipts
}

describe('receipts', () => {
  it('tell what came more than once', () => {
    const receipts = new Receipts()
    expect([0, 1, 1, 0, 2].map(number => receipts.note(number))).toEqual([true, true, false, false, true])
    expect([receipts.count, receipts.duplicates]).toEqual([3, 2])
  })

  it('tell what did not come, the first of it by number', () => {
    const receipts = noted([0, 1, 3, 4, 7])
    expect(receipts.missing(9, 2)).toEqual({ count: 4, first: [2, 5] })
    expect(receipts.missing(5, 2)).toEqual({ count: 1, first: [2] })
  })

  it('tell the highest that came', () => {
    expect([[], [0], [7], [8, 3], [65_536, 2]].map(numbers => noted(numbers).end)).toEqual([0, 1, 8, 9, 65_537])
    expect(noted(Array.from({ length: 65_536 }, (_, at) => at)).end).toBe(65_536)
  })

  it('know a page of which all came, and what comes of it again', () => {
    const receipts = noted(Array.from({ length: 65_536 }, (_, at) => at))
    expect(receipts.note(65_535)).toBe(false)
    expect(receipts.missing(65_537, 5)).toEqual({ count: 1, first: [65_536] })
    expect(receipts.portable.pages).toEqual([true])
  })

  it('hold no memory for pages of which nothing came', () => {
    expect(noted([10 * 65_536]).portable.pages.slice(0, 10)).toEqual(Array(10).fill(false))
  })

  it('put together are those of everybody, however they were spread and carried', () => {
    const numbers = fc.array(fc.integer({ min: 0, max: 140_000 }), { maxLength: 300 })
    fc.assert(
      fc.property(numbers, numbers, (mine, theirs) => {
        const together = Receipts.of(noted(mine).portable)
        together.add(Receipts.of(noted(theirs).portable))
        const all = noted([...mine, ...theirs])
        expect([together.count, together.duplicates]).toEqual([all.count, all.duplicates])
        expect(together.missing(140_001, 50)).toEqual(all.missing(140_001, 50))
      }),
    )
  })
})
