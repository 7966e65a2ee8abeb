import { describe, expect, test } from 'vitest'
import { Gathering } from '../../src/load/gathering.ts'

/** How many of the reads are followed by a pause, where one comes every so many milliseconds and brings so many answers. */
function pauses(gathering: Gathering, reads: number, { every, answers }: { every: number; answers: number }): number {
  const paused = Array.from({ length: reads }, (_, at) => gathering.heard(answers, 1000 + at * every))
  return paused.filter(Boolean).length
}

describe('answers to a window of 1000 messages', () => {
  test('a few at a time are gathered, once it is known that they come so', () => {
    const gathering = new Gathering(1000)
    expect(pauses(gathering, 2, { every: 0.03, answers: 3 })).toBe(0)
    expect(pauses(gathering, 1000, { every: 0.03, answers: 3 })).toBeGreaterThan(600)
  })

  test('many at a time are read as they come', () => {
    expect(pauses(new Gathering(1000), 1000, { every: 2, answers: 400 })).toBe(0)
  })

  test('seldom ones are', () => {
    expect(pauses(new Gathering(1000), 1000, { every: 1, answers: 1 })).toBe(0)
  })

  test('the window would run out in a pause: none is made', () => {
    expect(pauses(new Gathering(100), 1000, { every: 0.03, answers: 3 })).toBe(0)
  })

  test('half of it is answered in each pause: no more are made, until answers come by few again', () => {
    const gathering = new Gathering(1000)
    pauses(gathering, 1000, { every: 0.03, answers: 3 })
    const asked = [501, 501, 200, 501, 501, 501, 3].map((answers, at) => gathering.heard(answers, 1031 + at))
    expect(asked).toEqual([true, true, true, true, true, false, false])
  })
})
