import { describe, expect, it } from 'vitest'
import { expandNames, partOfNames } from '../../src/load/names.ts'

describe('names', () => {
  it.each([
    ['orders', ['orders']],
    ['q-{1..3}', ['q-1', 'q-2', 'q-3']],
    ['q-{08..10}', ['q-08', 'q-09', 'q-10']],
    ['{0..1}/{5..6}', ['0/5', '0/6', '1/5', '1/6']],
    ['a/%{f.csv:x}/{2..2}', ['a/%{f.csv:x}/2']],
    ['a/%{1..3}', ['a/%{1..3}']],
  ])('%s', (name, all) => expect(expandNames([name], '-t')).toEqual(all))

  it('that are too many, or go down, are a mistake', () => {
    expect(() => expandNames(['{1..1000}/{1..101}'], '-t')).toThrow('-t: more than 100,000 names')
    expect(() => expandNames(['q-{3..1}'], '-t')).toThrow('{3..1} goes down')
  })

  it('are had by clients between them: all of them, whether there are more or fewer than clients', () => {
    const parts = (names: string, clients: number) =>
      Array.from({ length: clients }, (_, client) => partOfNames([...names], client, clients).join(''))
    expect(parts('abcde', 2)).toEqual(['ace', 'bd'])
    expect(parts('ab', 5)).toEqual(['a', 'b', 'a', 'b', 'a'])
    expect(parts('abc', 3)).toEqual(['a', 'b', 'c'])
  })
})
