import { describe, expect, it } from 'vitest'
import { Budget, Exchange, Exchanges, Packet, type Pending, type Room } from '../../../codecs/core/index.ts'

const at = (time: number): Packet =>
  new Packet('frame', 'client', 0, time, 0, new Uint8Array(0), 0, 0, 0, undefined, [])
const begin = (group: Pending<string>, ...keys: string[]): void => {
  for (const key of keys) group.begin(key, new Exchange({ kind: 'ask', id: key }, at(1), 1))
}

function asking(limit = 10): { group: Pending<string>; exchanges: Exchanges; told: string[]; room: Room } {
  const told: string[] = []
  const room = { exchanges: new Budget(limit), bytes: new Budget(0) }
  const out = {
    message: () => {},
    began: ({ id }: Exchange) => told.push(`began ${id}`),
    ended: ({ id, outcome }: Exchange) => told.push(`ended ${id} ${outcome}`),
    topology: () => {},
    level: () => {},
  }
  const exchanges = new Exchanges(out, room)
  return { group: exchanges.group(), exchanges, told, room }
}

describe('exchanges that wait', () => {
  it('are kept in the order in which they began, whichever ends first', () => {
    const { group, exchanges } = asking()
    begin(group, 'a', 'b', 'c', 'd')
    group.settle('b', at(2), 2, true)
    group.settle('a', at(2), 2, true)
    begin(group, 'e')
    group.settle('d', at(2), 2, true)
    expect(group.oldest).toBe('c')
    expect([...group.entries()].map(([key]) => key)).toEqual(['c', 'e'])
    expect([...exchanges.open()].map(({ id }) => id)).toEqual(['c', 'e'])
    group.settle('c', at(2), 2, true)
    group.settle('e', at(2), 2, true)
    expect(group.oldest).toBeUndefined()
    begin(group, 'f')
    expect(group.oldest).toBe('f')
  })

  it('may end while they are looked at', () => {
    const { group } = asking()
    begin(group, 'a', 'b', 'c', 'd')
    const seen: string[] = []
    for (const [key] of group.entries()) {
      seen.push(key)
      if (key === 'a') for (const gone of ['a', 'b', 'c']) group.abandon(gone, 2, 'gone')
    }
    expect(seen).toEqual(['a', 'd'])
  })

  it('end as superseded by another of their key, which comes last', () => {
    const { group, told } = asking()
    begin(group, 'a', 'b', 'a')
    expect(told).toEqual(['began a', 'began b', 'ended a superseded', 'began a'])
    expect([...group.entries()].map(([key]) => key)).toEqual(['b', 'a'])
  })

  it('are given up, the oldest first, where there is no room', () => {
    const { group, told, room } = asking(2)
    begin(group, 'a', 'b', 'c')
    expect(told.slice(2)).toEqual(['ended a given up', 'began c'])
    group.close(3, 'closed')
    expect(told.slice(4)).toEqual(['ended b closed', 'ended c closed'])
    expect(room.exchanges.used).toBe(0)
  })
})
