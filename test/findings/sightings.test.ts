import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nameOf, Sightings } from '../../src/findings/sightings.ts'

it('tells where a name was seen first, once', () => {
  const seen = new Sightings()
  expect(seen.again(nameOf('a'), 1, 10)).toBeUndefined()
  expect(seen.again(nameOf('b'), 1, 11)).toBeUndefined()
  expect(seen.again(nameOf('a'), 2, 12)).toEqual({ flow: 1, frame: 10 })
  expect(seen.again(nameOf('a'), 3, 13)).toBeUndefined()
  expect(seen.again(nameOf('b'), 3, 14)).toEqual({ flow: 1, frame: 11 })
})

it('remembers the last 50,000 at least, and forgets those before 100,000', () => {
  const seen = new Sightings()
  for (let at = 1; at <= 150_000; at++) expect(seen.again(nameOf(`m-${at}`), 1, at)).toBeUndefined()
  expect(seen.again(nameOf('m-1'), 1, 1)).toBeUndefined()
  expect(seen.again(nameOf('m-150000'), 1, 1)).toEqual({ flow: 1, frame: 150_000 })
  expect(seen.again(nameOf('m-100001'), 1, 1)).toEqual({ flow: 1, frame: 100_001 })
})

it('tells names apart by their parts', () => {
  expect(nameOf('ab', 'c')).not.toBe(nameOf('a', 'bc'))
  expect(nameOf('', 'a')).not.toBe(nameOf('a', ''))
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), fc.array(fc.string(), { minLength: 1 }), (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other)
      expect(nameOf(...one) === nameOf(...other)).toBe(same)
      expect(Number.isSafeInteger(nameOf(...one)) && nameOf(...one) > 0).toBe(true)
    }),
  )
})

it('keeps hundreds of thousands of alike names apart', () => {
  const names = new Set<number>()
  for (let at = 0; at < 300_000; at++) names.add(nameOf('5672', 'orders', `msg-${at}`))
  expect(names.size).toBe(300_000)
})
