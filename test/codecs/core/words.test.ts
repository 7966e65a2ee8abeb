import { expect, it } from 'vitest'
import { counted, elapsed } from '../../../codecs/core/index.ts'

it('counts', () => {
  expect(counted(1, 'message')).toBe('1 message')
  expect(counted(0, 'message')).toBe('0 messages')
  expect(counted(1204, 'reply', 'replies')).toBe('1,204 replies')
})

it.each([
  [1_500, '2 µs'],
  [85e6, '85 ms'],
  [1.5e9, '1.5 s'],
  [2e9, '2 s'],
  [9.96e9, '10 s'],
  [299e9, '299 s'],
  [600e9, '10 min'],
])('%d ns are %s', (ns, text) => {
  expect(elapsed(ns)).toBe(text)
})
