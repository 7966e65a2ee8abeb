import { expect, it } from 'vitest'
import { Recent } from '../../../codecs/core/index.ts'

it('keeps what was set last, and lets go of what was set long ago', () => {
  const recent = new Recent<number, string>(100)
  for (let key = 0; key < 1000; key++) recent.set(key, `v${key}`)
  const kept = Array.from({ length: 1000 }, (_, key) => key).filter(key => recent.get(key) === `v${key}`)
  expect(kept.length).toBeGreaterThanOrEqual(50)
  expect(kept.length).toBeLessThanOrEqual(100)
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, at) => 1000 - kept.length + at))
})

it('has the value that was set last, and none that was deleted', () => {
  const recent = new Recent<string, number>(4)
  recent.set('a', 1)
  recent.set('b', 1)
  recent.set('a', 2)
  expect(recent.get('a')).toBe(2)
  recent.delete('a')
  expect(recent.get('a')).toBeUndefined()
})
