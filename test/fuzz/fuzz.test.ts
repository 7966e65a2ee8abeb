import { describe, expect, test } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import { fuzz } from './fuzz.ts'

// A taste of `npm run fuzz`: the same inputs each time, so that a failure here is one that everybody sees.
const INPUTS = 30_000

describe('mutated vectors', () => {
  test.each(codecs.map(codec => [codec.name, codec] as const))('%s takes them all', (_, codec) => {
    expect(fuzz(codec, INPUTS, 1).inputs).toBe(INPUTS)
  })
})
