import { expect, it } from 'vitest'
import { Stalls, UNANSWERED } from '../../src/load/stalls.ts'

/** Looked at as often as an agent does, from one moment to another. */
function looked(stalls: Stalls, from: number, to: number): void {
  for (let now = from; now <= to; now += 400) stalls.look(now)
}

it('what is answered in time is no span', () => {
  const stalls = new Stalls(() => 'full')
  for (let now = 0; now < 5000; now += 900) {
    stalls.sent(now)
    stalls.answered(now + 800)
  }
  expect(stalls.take(5000).spans).toEqual([])
})

it('an answer that is owed for a second or more is one, from the last answer or the first message on', () => {
  const stalls = new Stalls(() => 'full')
  stalls.sent(100)
  stalls.sent(150)
  stalls.answered(200)
  expect(stalls.take(1000).spans).toEqual([])
  expect(stalls.take(2000).spans).toEqual([{ from: 200, reason: UNANSWERED }])
  stalls.answered(2500)
  expect(stalls.take(3000).spans).toEqual([{ from: 200, to: 2500, reason: UNANSWERED }])
  stalls.sent(9000)
  expect(stalls.take(9500).spans).toEqual([])
})

it('so is being without room for what is due, for whatever reason that is then', () => {
  let why = 'no connection'
  const stalls = new Stalls(() => why)
  stalls.full(1000)
  looked(stalls, 1000, 2900)
  expect(stalls.take(3000)).toEqual({ held: 2000, spans: [{ from: 1000, reason: 'no connection' }] })
  why = 'no credit left'
  looked(stalls, 3000, 4200)
  stalls.free(4500)
  expect(stalls.take(5000)).toEqual({
    held: 1500,
    spans: [
      { from: 1000, to: 3000, reason: 'no connection' },
      { from: 3000, to: 4500, reason: 'no credit left' },
    ],
  })
  stalls.full(6000)
  stalls.free(6900)
  expect(stalls.take(7000)).toEqual({ held: 900, spans: [] })
})

it('what the peer says goes before what is seen, and is exact', () => {
  const stalls = new Stalls(() => 'full')
  stalls.sent(1000)
  stalls.full(1100)
  stalls.said(1200, 'low on memory')
  looked(stalls, 1200, 4000)
  expect(stalls.take(4000).spans).toEqual([{ from: 1200, reason: 'low on memory' }])
  stalls.said(4100, undefined)
  // What is owed from before is counted from here on.
  expect(stalls.take(4200).spans).toEqual([{ from: 1200, to: 4100, reason: 'low on memory' }])
  stalls.answered(4910)
  stalls.free(4920)
  expect(stalls.take(6000).spans).toEqual([])
})

it('who has no room for a moment when the run ends was not held up', () => {
  const stalls = new Stalls(() => 'full')
  stalls.full(1000)
  looked(stalls, 1000, 1400)
  stalls.stop(1500)
  expect(stalls.take(9000)).toEqual({ held: 500, spans: [] })
})
