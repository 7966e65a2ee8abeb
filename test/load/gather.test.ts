import { expect, test } from 'vitest'
import { Gathered } from '../../src/load/gather.ts'
import type { AgentInterval } from '../../src/load/protocol.ts'
import { Tally } from '../../src/load/tally.ts'

/** What an agent tells of one group that sent and confirmed some messages, each in as many milliseconds. */
function told(number: number, group: string, times: readonly number[]): AgentInterval {
  const tally = new Tally()
  for (const time of times) {
    tally.counts.sent++
    tally.counts.confirmed++
    tally.measured('publish-confirm', time, time / 2)
  }
  return {
    ...{ type: 'interval', number, from: 10_000 + number * 1000, to: 11_000 + number * 1000, clients: 1, inFlight: 0 },
    ...{ tallies: { [group]: tally.take() }, busy: 0, held: 0, blocked: [], out: [], troubles: [], last: false },
  }
}

test('an interval is whole when all agents told of it: of each group, of all, and of the run', () => {
  const whole: number[] = []
  const gathered = new Gathered(2, ({ counts }) => whole.push(counts.sent))
  gathered.start(10_000)
  gathered.add(told(0, 'a', [1, 2]))
  expect(whole).toEqual([])
  gathered.add(told(0, 'b', [3]))
  gathered.add(told(1, 'a', [4]))
  gathered.add(told(1, 'a', [5, 6]))
  expect(whole).toEqual([3, 3])
  const of = (name: 'a' | 'b'): unknown => {
    const { counts, measures } = gathered.group(name)
    return [
      counts.sent,
      measures.get('publish-confirm')?.latency.count,
      measures.get('publish-confirm')?.latency.at(100),
    ]
  }
  expect([of('a'), of('b')]).toEqual([
    [5, 5, expect.closeTo(6000, -1)],
    [1, 1, expect.closeTo(3000, -1)],
  ])
  const { counts, measures } = gathered.total
  expect([counts.confirmed, measures.get('publish-confirm')?.service.count]).toEqual([6, 6])
  expect(gathered.intervals.map(({ from, to }) => [from, to])).toEqual([
    [0, 1],
    [1, 2],
  ])
})

test('what went wrong before the start is told as that', () => {
  const gathered = new Gathered(1, () => {})
  gathered.trouble({ troubles: [{ reason: 'refused', count: 2, first: 8000 }] })
  gathered.start(10_000)
  gathered.trouble({ troubles: [{ reason: 'refused', count: 1, first: 12_000 }] })
  expect(gathered.told).toEqual([{ reason: 'refused', count: 3, first: -2 }])
})

test('what held publishers up is one span for all who tell of it, with an end as soon as it has one', () => {
  const gathered = new Gathered(2, () => {})
  gathered.start(10_000)
  const [reason, other] = ['it answered nothing', 'no connection']
  gathered.add({ ...told(0, 'a', []), blocked: [{ from: 10_200, reason }] })
  gathered.add({ ...told(0, 'b', []), blocked: [{ from: 10_300, reason }] })
  expect(gathered.blocked).toEqual([{ from: 0.2, reason }])
  gathered.add({ ...told(1, 'a', []), blocked: [{ from: 10_200, to: 11_500, reason }] })
  gathered.add({
    ...told(1, 'b', []),
    blocked: [
      { from: 10_300, to: 11_700, reason },
      { from: 11_000, reason: other },
    ],
  })
  expect(gathered.blocked).toEqual([
    { from: 0.2, to: 1.7, reason },
    { from: 1, reason: other },
  ])
  gathered.add({ ...told(2, 'a', []), blocked: [{ from: 12_000, to: 13_000, reason }] })
  gathered.add(told(2, 'b', []))
  expect(gathered.blocked.map(({ from, to }) => [from, to])).toEqual([
    [0.2, 1.7],
    [1, undefined],
    [2, 3],
  ])
})
