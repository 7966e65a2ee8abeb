import { describe, expect, it } from 'vitest'
import { type Block, chart, line, progressBar, span, sparkline, stacked } from '../../src/tui/index.ts'

describe('a chart', () => {
  const drawn = (values: readonly number[], height: number, most = 8) =>
    chart(values, { width: values.length, height, most, unicode: true })

  it('is a sparkline where it is one line high', () => {
    const values = [0, 1, 2, 3, 5, 8]
    expect(drawn(values, 1)).toEqual([sparkline(values, 6, true)])
  })

  it('fills its lines from below', () => {
    expect(drawn([0, 4, 6, 8], 2)).toEqual([' ▁▅█', ' ███'])
  })

  it('shows whatever is more than nothing, and no more than there is room for', () => {
    expect(drawn([0.001, 100], 2)).toEqual([' █', '▁█'])
  })

  it('shows the last values at the right', () => {
    expect(chart([8, 8, 0], { width: 2, height: 1, most: 8, unicode: false })).toEqual(['@ '])
    expect(chart([8], { width: 3, height: 1, most: 8, unicode: false })).toEqual(['  @'])
  })
})

describe('a bar of progress', () => {
  it('is as wide as it is told, whatever it is told of', () => {
    expect(progressBar(0.5, 4)).toBe('══──')
    expect(progressBar(-1, 4)).toBe('────')
    expect(progressBar(7, 4)).toBe('════')
  })
})

describe('blocks below each other', () => {
  const block = (title: string, least: number, most: number): Block => ({
    ...{ title, least, most },
    lines: (_, height) => Array.from({ length: height }, (_, at) => line(span(`${title}${at}`))),
  })
  const heights = (blocks: readonly Block[], height: number) =>
    stacked(blocks, { x: 0, y: 2, width: 10, height }).map(({ rect }) => [rect.y, rect.height])

  it('are as high together as their place; those that can use more share it', () => {
    expect(heights([block('a', 1, 9), block('b', 1, 1), block('c', 1, 9)], 12)).toEqual([
      [2, 5],
      [7, 2],
      [9, 5],
    ])
  })

  it('leave out the last ones where there is little room', () => {
    expect(heights([block('a', 3, 3), block('b', 3, 3)], 5)).toEqual([[2, 5]])
    expect(heights([block('a', 3, 3), block('b', 3, 3)], 6)).toEqual([
      [2, 4],
      [6, 2],
    ])
    expect(heights([block('a', 3, 3)], 0)).toEqual([])
  })
})
