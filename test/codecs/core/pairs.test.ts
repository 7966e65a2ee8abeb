import { expect, test } from 'vitest'
import { Pairs } from '../../../codecs/core/pairs.ts'

const pairs = (limit?: number) => {
  const found: string[] = []
  return { found, pairs: new Pairs<string, string>((then, now) => found.push(`${then}=${now}`), limit) }
}

test('the n-th of a signature then is the n-th of it now, whichever comes first', () => {
  const { found, pairs: tied } = pairs()
  const first = tied.recall('a', 'a1', 'the first a', true)
  expect(first.open).toBe(true)
  expect(tied.hear('b', 'B1')).toBe(false)
  expect(tied.hear('a', 'A1')).toBe(true)
  expect(tied.hear('a', 'A2')).toBe(false)
  expect({ open: first.open, missing: first.missing }).toEqual({ open: false, missing: false })
  expect(tied.recall('a', 'a2', 'the second a', true).open).toBe(false)
  expect(tied.recall('b', 'b1', 'the first b', true).open).toBe(false)
  expect(found).toEqual(['a1=A1', 'a2=A2', 'b1=B1'])
  expect([...tied.unexpected()]).toEqual([])
})

test('what was given up gets nothing: what comes later is for those after it', () => {
  const { found, pairs: tied } = pairs()
  const lost = tied.recall('a', 'a1', 'the first a', true)
  tied.recall('a', 'a2', 'the second a', true)
  lost.giveUp()
  expect(lost.missing).toBe(true)
  tied.hear('a', 'A')
  expect(found).toEqual(['a2=A'])
})

test('what has no partner is bounded: beyond, nothing is kept, and nothing waited for', () => {
  const { pairs: tied } = pairs(3)
  for (let at = 0; at < 10; at++) tied.hear(`s${at}`, `L${at}`)
  expect([...tied.unexpected()]).toEqual(['L0', 'L1', 'L2'])
  expect(tied.recall('other', 'o', 'another', true).missing).toBe(true)
  expect(tied.recall('s0', 'r', 'the first', true).missing).toBe(false)
})
