import { expect, test } from 'vitest'
import { type Amqp10Frame, AmqpMap, amqp10, Body, Scalar } from '../../../codecs/amqp10/index.ts'
import { readingOf } from '../../mock/reading.ts'
import { context } from './support.ts'
import {
  at,
  attach,
  begin,
  client,
  disposition,
  flow,
  receiving,
  type Step,
  sending,
  server,
  text,
  transfer,
} from './talk.ts'

const read = (...steps: readonly Step[]) => readingOf(amqp10, context, steps)
const message = (body: string, header: object = {}) => ({ header, body: Body.data(text.encode(body)) })
const detach: Amqp10Frame = { type: 'detach', channel: 0, handle: 0, closed: true }

test('a disposition of several answers each of them', () => {
  const { acts, words } = read(
    ...sending,
    server(flow(0, 10)),
    server(flow(0, 20)),
    client(transfer(0, 0)),
    client(transfer(0, 1, { settled: true })),
    client(transfer(0, 2)),
    server(disposition('receiver', 0, { last: 2 })),
  )
  expect(acts).toEqual(['begin', 'attach orders', 'transfer orders', 'transfer orders', 'transfer orders'])
  // More credit is given as the client uses it up.
  expect(words).toEqual([
    'begin answers begin',
    'attach answers attach orders',
    'flow after attach orders',
    'disposition answers transfer orders',
    'disposition answers transfer orders',
  ])
})

test('a message in several transfers is one act and one word; what was aborted is none', () => {
  const part = { more: true, payload: text.encode('a') }
  const { acts, words } = read(
    ...receiving,
    client(flow(0, 10)),
    server(transfer(0, 0, part)),
    server(transfer(0, undefined, { payload: text.encode('b') })),
    server(transfer(0, 1, part)),
    server(transfer(0, undefined, { aborted: true })),
    client(disposition('receiver', 0)),
    client(attach('out', 1, 'sender', { target: at('orders') })),
    client(transfer(1, 0, part)),
    client(transfer(1, undefined, { payload: text.encode('b') })),
  )
  expect(acts).toEqual(['begin', 'attach events', 'disposition events', 'attach orders', 'transfer orders'])
  expect(words.slice(2)).toEqual(['transfer after attach events'])
})

test('what comes again comes after it was given back', () => {
  const { words } = read(
    ...receiving,
    server(transfer(0, 0, { message: message('x') })),
    client(disposition('receiver', 0, { state: { type: 'released' } })),
    server(transfer(0, 1, { message: message('x', { deliveryCount: 1 }) })),
  )
  expect(words.slice(2)).toEqual([
    'transfer after attach events',
    'transfer after attach events and disposition events',
  ])
})

test('what the server ends answers what was done last; what it says back is its own affair', () => {
  expect(read(...sending, client(transfer(0, 0)), server(detach)).words.at(-1)).toBe('detach answers transfer orders')
  expect(read(...sending, client(detach), server(detach)).words).toHaveLength(2)
  expect(read(...sending, server({ type: 'end', channel: 0 })).words.at(-1)).toBe('end answers attach orders')
  expect(read(...sending, server({ type: 'close', channel: 0 })).words.at(-1)).toBe('close answers attach orders')
})

test('sessions and links that the server begins of its own accord are not played', () => {
  expect(read(server(begin(3))).words).toEqual([])
  const words = ['begin answers begin', 'attach answers attach orders']
  expect(read(...sending, server(attach('push', 4, 'sender', { source: at('push') }))).words).toEqual(words)
})

test('links are told apart by what they select, not by their names', () => {
  const filter = AmqpMap.fields({ selector: Scalar.of('string', 'a = 1') })
  const { signatures } = read(
    client(begin(0)),
    client(attach('x', 0, 'receiver', { source: { address: 'q', filter } })),
    client(attach('y', 1, 'receiver', { source: { address: 'q', distributionMode: 'copy' } })),
    client(attach('z', 2, 'receiver', { source: { dynamic: true } })),
    client(attach('t', 3, 'sender', { target: { type: 'coordinator' } })),
  )
  expect(signatures.slice(1)).toEqual([
    'attach receiver q {"selector":"a = 1"}',
    'attach receiver q copy',
    'attach receiver dynamic',
    'attach sender coordinator',
  ])
})
