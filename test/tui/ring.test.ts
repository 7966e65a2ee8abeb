import { describe, expect, it } from 'vitest'
import { Pace } from '../../src/tui/model/pace.ts'
import { Ring } from '../../src/tui/model/ring.ts'
import { screenOf } from '../../src/tui/view/screen.ts'
import { AROUND, Client, linesOf, User } from './plant.ts'

const ring = (limit: number) => new Ring<string, string>({ limit, row: (record, number) => `${number} ${record}` })

describe('a ring', () => {
  it('numbers all that came, and has the last of those that were kept', () => {
    const some = ring(4)
    for (const record of ['a', 'b']) some.add(record)
    for (let time = 0; time < 10; time++) some.skip()
    expect(some.add('c')).toBe(13)
    expect([some.total, some.skipped]).toEqual([13, 10])
    expect([1, 2, 3, 12, 13, 14].map(number => some.get(number))).toEqual([
      '1 a',
      '2 b',
      undefined,
      undefined,
      '13 c',
      undefined,
    ])
    for (const record of ['d', 'e']) some.add(record)
    expect(some.get(1)).toBeUndefined()
    expect(Array.from({ length: some.numbers.length }, (_, at) => some.numbers.at(at))).toEqual([13, 14, 15])
  })
})

describe('a pace', () => {
  it('lets the first of each tenth of a second pass', () => {
    const pace = new Pace()
    const passed = Array.from({ length: 20_000 }, (_, at) => at).filter(at => pace.lets(at * 50_000))
    expect(passed).toHaveLength(5_000)
    expect(passed.slice(0, 500)).toEqual(Array.from({ length: 500 }, (_, at) => at))
    expect(passed[500]).toBe(2_000)
  })

  it('counts their bytes too', () => {
    const pace = new Pace()
    expect([1, 2, 3].map(time => pace.lets(time, 1 << 20))).toEqual([true, true, false])
    expect(pace.lets(2e8, 1 << 20)).toBe(true)
  })
})

describe('more messages than anybody could look at', () => {
  it('are listed in part, and it is said how many are not; all count', async () => {
    const user = await User.sits({ sampled: true })
    const client = new Client(user.sink, 1)
    // A millisecond passes with every frame: ten bodies that take a second's room in a hundredth of it.
    for (let at = 0; at < 10; at++) client.publish('plant', 'x'.repeat(1 << 20))
    user.press('v').settle()
    const { store, numbers } = user.desk.table('messages')
    expect(store.total).toBe(10)
    expect(numbers.length).toBe(2)
    expect(linesOf(screenOf(user.state, user.desk, AROUND))[1]).toMatch(/ 8 passed unlisted .* 2 of 10 $/)
    // A filter is asked of those that are there.
    user.press('/').type('size > 1').press('enter').settle()
    expect(numbers.length).toBe(2)
    expect(user.traffic.topologies.trees()[0]?.children?.at(-1)?.children?.[0]?.value).toBe('→ 10')
  })
})
