import { describe, expect, it } from 'vitest'
import { Cycle, parsePhased } from '../../src/load/cycle.ts'

const at = (texts: readonly string[], ...seconds: readonly number[]): string[] => {
  const cycle = new Cycle(parsePhased(texts, '--work', text => text))
  return seconds.map(elapsed => cycle.at(elapsed))
}

describe('values over time', () => {
  it('hold each for its time, over and over', () => {
    expect(at(['a:1s', 'b:500ms'], 0, 0.9, 1, 1.4, 1.5, 2.4, 2.5, 2.9, 3)).toEqual([...'aabbaabba'])
  })

  it('are found wherever one looks', () => {
    expect(at(['a:1s', 'b:1s', 'c:1s'], 2.5, 0.5, 301, -5, 1.5)).toEqual([...'cabab'])
  })

  it('are one for good where no time is said', () => {
    expect(at(['a'], -1, 0, 1e9)).toEqual([...'aaa'])
  })

  it('may be but one with its time', () => {
    expect(at(['a:1s'], 0, 5)).toEqual([...'aa'])
  })

  it.each([[['a:1s', 'b']], [['a', 'b']], [['a:']], [['a:1s:2s']], [['a:0']]])('are none in %j', texts => {
    expect(() => parsePhased(texts, '--work', text => text)).toThrow('--work')
  })
})
