import { expect, test } from 'vitest'
import { RecordedArrivals } from '../../../src/load/recorded/index.ts'

const rhythm = { times: Float64Array.of(0, 0.25, 2), seconds: 3 }

function dues(share: { clients: number; index: number; of: number }, seconds: number): number[] {
  const arrivals = new RecordedArrivals(rhythm, share, seconds)
  const all: number[] = []
  for (let { due } = arrivals; due !== undefined; due = arrivals.due) {
    all.push(due)
    arrivals.advance()
  }
  return all
}

test('arrivals are as they were, and then again, until their time is over', () => {
  expect(dues({ clients: 1, index: 0, of: 1 }, 6.5)).toEqual([0, 0.25, 2, 3, 3.25, 5, 6, 6.25])
})

test('workers share them as their clients take turns', () => {
  // Clients 0 and 2 are of the first worker, 1 and 3 of the second; the fifth message is client 0's again.
  expect(dues({ clients: 4, index: 0, of: 2 }, 6)).toEqual([0, 2, 3.25])
  expect(dues({ clients: 4, index: 1, of: 2 }, 6)).toEqual([0.25, 3, 5])
  // Of three clients, client 2 is the first worker's too: messages 0, 2, 3, 5.
  expect(dues({ clients: 3, index: 0, of: 2 }, 6)).toEqual([0, 2, 3, 5])
})
