import { expect, test } from 'vitest'
import { advice, errnoOf, reason } from '../../src/net/index.ts'

test('what was aborted for no reason that was given is told, too: a DOMException, whose code is a number', () => {
  const aborted = AbortSignal.abort().reason
  expect(aborted.code).toBe(20)
  expect([reason(aborted), advice(aborted), errnoOf(aborted)]).toEqual([aborted.message, undefined, undefined])
})

test('of several addresses, the first one is told', () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED', errno: -111 })
  expect(reason(new AggregateError([refused, new Error('another')]))).toBe('connection refused')
  expect(errnoOf(new AggregateError([refused]))).toBe('ECONNREFUSED')
})
