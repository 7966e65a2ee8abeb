import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SparseMap, SparseSet } from '../../../codecs/core/index.ts'

/** Few keys, so that what is there is met again. */
const key = fc.integer({ min: 0, max: 4 })
const step = fc.oneof(
  fc.record({ what: fc.constant('set' as const), key, value: fc.integer() }),
  fc.record({ what: fc.constant('delete' as const), key, value: fc.constant(0) }),
)

it('holds what a Map holds, whatever is put in and taken out', () => {
  fc.assert(
    fc.property(fc.array(step), steps => {
      const map = new Map<number, number>()
      const sparse = new SparseMap<number, number>()
      for (const { what, key, value } of steps) {
        if (what === 'set') {
          map.set(key, value)
          sparse.set(key, value)
        } else expect(sparse.delete(key)).toBe(map.delete(key))
        expect([...sparse]).toEqual([...map])
        expect([...sparse.keys()]).toEqual([...map.keys()])
        expect([...sparse.values()]).toEqual([...map.values()])
        expect(sparse.size).toBe(map.size)
        for (let each = 0; each <= 4; each++) {
          expect([sparse.has(each), sparse.get(each)]).toEqual([map.has(each), map.get(each)])
        }
      }
    }),
  )
})

it('holds what a Set holds', () => {
  fc.assert(
    fc.property(fc.array(step), steps => {
      const set = new Set<number>()
      const sparse = new SparseSet<number>()
      for (const { what, key } of steps) {
        if (what === 'set') {
          set.add(key)
          sparse.add(key)
        } else expect(sparse.delete(key)).toBe(set.delete(key))
        expect([...sparse]).toEqual([...set])
        expect([sparse.size, sparse.has(0)]).toEqual([set.size, set.has(0)])
      }
    }),
  )
})
