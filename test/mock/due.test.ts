import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Agenda, type Due } from '../../src/mock/due.ts'

const due = fc.record({
  at: fc.integer({ min: 0, max: 5 }),
  order: fc.integer({ min: 0, max: 5 }),
  answer: fc.boolean(),
  what: fc.constant([]),
  now: fc.constant(undefined),
})

const taken = (agenda: Agenda): Due[] => {
  const all: Due[] = []
  for (let next = agenda.take(); next !== undefined; next = agenda.take()) all.push(next)
  return all
}
const plain = (dues: readonly Due[]) => dues.map(({ at, order, answer }) => ({ at, order, answer }))
const sorted = (dues: readonly Due[]): Due[] => [...dues].sort((a, b) => a.at - b.at || a.order - b.order)

test('the earliest comes first, then in the order of the recording, then as it was added', () => {
  fc.assert(
    fc.property(fc.array(due), dues => {
      const agenda = new Agenda()
      for (const each of dues) agenda.add(each)
      expect(agenda.first?.at).toBe(sorted(dues)[0]?.at)
      expect(plain(taken(agenda))).toEqual(plain(sorted(dues)))
    }),
  )
})

test('what is not wanted any more is forgotten, all else keeps its place', () => {
  fc.assert(
    fc.property(fc.array(due), dues => {
      const agenda = new Agenda()
      for (const each of dues) agenda.add(each)
      agenda.retain(({ answer }) => answer)
      expect(plain(taken(agenda))).toEqual(plain(sorted(dues.filter(({ answer }) => answer))))
    }),
  )
})
