import { expect, test } from 'vitest'
import { Renumbering } from '../../../codecs/core/renumbering.ts'

test('a recorded identifier has its live one, in its namespace only', () => {
  const names = new Renumbering()
  names.learn('delivery ch=1', 7, 3)
  names.learn('queue', 'amq.gen-then', 'amq.gen-now')
  expect(names.live('delivery ch=1', 7)).toBe(3)
  expect(names.live('delivery ch=2', 7)).toBeUndefined()
  expect(names.live('queue', 'amq.gen-then')).toBe('amq.gen-now')
})

test('a number that is used anew has its newest meaning, and none once forgotten', () => {
  const names = new Renumbering()
  names.learn('packet', 1, 10)
  names.learn('packet', 1, 11)
  expect(names.live('packet', 1)).toBe(11)
  names.forget('packet', 1)
  expect(names.live('packet', 1)).toBeUndefined()
})

test('a namespace that ended leaves nothing behind, and others alone', () => {
  const names = new Renumbering()
  names.learn('delivery ch=1', 1, 5)
  names.learn('delivery ch=2', 1, 6)
  names.clear('delivery ch=1')
  expect(names.live('delivery ch=1', 1)).toBeUndefined()
  expect(names.live('delivery ch=2', 1)).toBe(6)
})

test('the oldest identifiers go first, and at least half of the limit is kept', () => {
  const names = new Renumbering(8)
  for (let tag = 1; tag <= 100; tag++) names.learn('delivery', tag, tag + 1000)
  const known = Array.from({ length: 100 }, (_, at) => at + 1).filter(tag => names.live('delivery', tag) !== undefined)
  expect(known.length).toBeGreaterThanOrEqual(4)
  expect(known.length).toBeLessThanOrEqual(8)
  expect(known.at(-1)).toBe(100)
  expect(known.at(0)).toBe(101 - known.length)
})
