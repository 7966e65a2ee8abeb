import { expect, test } from 'vitest'
import { type CommandFrame, Headers, type StompFrame, stomp, stompFrame } from '../../codecs/stomp/index.ts'
import type { Said } from '../tracking/story.ts'
import { type Recorded, type TheatreOptions, theatre } from './theatre.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const frame = (type: string, headers: Readonly<Record<string, string>> = {}, body?: string): CommandFrame =>
  stompFrame(type, Headers.of(...Object.entries(headers)), body === undefined ? undefined : utf8(body))

const connect = (login: string, more = {}): CommandFrame =>
  frame('CONNECT', { 'accept-version': '1.2', host: '/', login, ...more })
const connected = frame('CONNECTED', { version: '1.2', session: 's-then', server: 'a broker' })
const subscribe = (id: string, ack = 'auto', more = {}): CommandFrame =>
  frame('SUBSCRIBE', { id, destination: '/queue/a', ack, ...more })
const send = (body: string, more = {}): CommandFrame => frame('SEND', { destination: '/queue/a', ...more }, body)
const receipt = (id: string): CommandFrame => frame('RECEIPT', { 'receipt-id': id })
const message = (id: string, subscription: string, body: string, more = {}): CommandFrame =>
  frame('MESSAGE', { subscription, destination: '/queue/a', 'message-id': id, ...more }, body)

const on = (connection: number, ...said: readonly Said<StompFrame>[]): Recorded<StompFrame> =>
  said.map(one => [connection, one])
const opening = (connection: number, login: string): Recorded<StompFrame> =>
  on(connection, { client: connect(login) }, { server: connected })
const play = (recorded: Recorded<StompFrame>, options?: TheatreOptions) =>
  theatre(stomp, { version: '1.2' }, recorded, options)

/** `ann` subscribes, sends and acknowledges. */
const alone: Recorded<StompFrame> = [
  ...opening(1, 'ann'),
  ...on(
    1,
    { client: subscribe('then', 'client') },
    { client: send('one', { receipt: 'r-then' }) },
    { server: receipt('r-then') },
    { client: send('two') },
    { server: message('m1', 'then', 'one', { ack: 'a1' }) },
    { server: message('m2', 'then', 'two', { ack: 'a2' }) },
    { client: frame('ACK', { id: 'a2' }) },
  ),
]

test('receipts are those that are asked for now; what is delivered is what is sent now, to the subscription of now', async () => {
  const { client, deviations, count } = await play(alone)
  const ann = await client()
  ann.say(connect('ann'))
  expect(await ann.hear()).toMatchObject([{ type: 'CONNECTED', version: '1.2', session: 's-then' }])
  ann.say(subscribe('now', 'client'), send('eins', { receipt: 'r-now', note: 'n' }))
  const [answer, first] = await ann.hear(2)
  expect(answer).toMatchObject({ type: 'RECEIPT', receiptId: 'r-now' })
  expect(first).toMatchObject({ type: 'MESSAGE', subscription: 'now', messageId: 'm1', ack: 'a1' })
  expect(text(first.body)).toBe('eins')
  expect(first.headers.get('note')).toBe('n')
  expect(first.headers.get('receipt')).toBeUndefined()
  ann.say(send('zwei'))
  await ann.hear()
  // One by one, where one was for both.
  ann.say(frame('ACK', { id: 'a1' }), frame('ACK', { id: 'a2' }))
  await ann.leave()
  expect(await deviations()).toEqual([])
  expect(count('ACK', 'recorded')).toBe(2)
})

test('a farewell is answered by itself, whatever the recording has [STOMP 1.2, DISCONNECT]', async () => {
  const { client } = await play(alone)
  const ann = await client()
  ann.say(connect('ann'), frame('DISCONNECT', { receipt: 'bye' }))
  expect((await ann.hear(2))[1]).toMatchObject({ type: 'RECEIPT', receiptId: 'bye' })
  await ann.left
})

test('what was sent in a transaction comes after its COMMIT; what was given back comes again after that', async () => {
  const recorded = [
    ...opening(1, 'ann'),
    ...on(
      1,
      { client: subscribe('1', 'client-individual') },
      { client: frame('BEGIN', { transaction: 't' }) },
      { client: send('one', { transaction: 't' }) },
      { client: frame('COMMIT', { transaction: 't' }) },
      { server: message('m1', '1', 'one', { ack: 'a1' }) },
      { client: frame('NACK', { id: 'a1' }) },
      { server: message('m2', '1', 'one', { ack: 'a2', redelivered: 'true' }) },
      { client: frame('ACK', { id: 'a2' }) },
    ),
  ]
  const { client, deviations } = await play(recorded)
  const ann = await client()
  ann.say(connect('ann'), subscribe('1', 'client-individual'), frame('BEGIN', { transaction: 'x' }))
  ann.say(send('one', { transaction: 'x' }))
  await ann.hear()
  expect(ann.rest).toEqual([])
  ann.say(frame('COMMIT', { transaction: 'x' }))
  expect(await ann.hear()).toMatchObject([{ type: 'MESSAGE', ack: 'a1' }])
  expect(ann.rest).toEqual([])
  ann.say(frame('NACK', { id: 'a1' }))
  expect(await ann.hear()).toMatchObject([{ type: 'MESSAGE', ack: 'a2' }])
  ann.say(frame('ACK', { id: 'a2' }))
  await ann.leave()
  expect(await deviations()).toEqual([])
})

test('no more than is taken; nothing after UNSUBSCRIBE', async () => {
  const many = [1, 2, 3].map(at => ({ server: message(`m${at}`, '1', `${at}`, { ack: `a${at}` }) }))
  const { client } = await play([
    ...opening(1, 'ann'),
    ...on(1, { client: subscribe('1', 'client', { 'prefetch-count': '1' }) }, ...many),
  ])
  const ann = await client()
  ann.say(connect('ann'), subscribe('1', 'client', { 'prefetch-count': '1' }))
  const [, first] = await ann.hear(2)
  expect(first).toMatchObject({ ack: 'a1' })
  expect(ann.rest).toEqual([])
  ann.say(frame('ACK', { id: 'a1' }))
  expect(await ann.hear()).toMatchObject([{ ack: 'a2' }])
  ann.say(frame('UNSUBSCRIBE', { id: '1' }), frame('ACK', { id: 'a2' }), frame('DISCONNECT', { receipt: 'bye' }))
  expect(await ann.hear()).toMatchObject([{ type: 'RECEIPT' }])
  await ann.left
  expect(ann.rest).toEqual([])
})

test('an ERROR is answered by an ERROR, and the end, as it was [STOMP 1.2, ERROR]', async () => {
  const recorded = [
    ...opening(1, 'ann'),
    ...on(1, { client: subscribe('1') }, { server: frame('ERROR', { message: 'no such queue' }, 'why') }),
  ]
  const { client, deviations } = await play(recorded)
  const ann = await client()
  ann.say(connect('ann'), subscribe('9'))
  expect((await ann.hear(2))[1]).toMatchObject({ type: 'ERROR', message: 'no such queue' })
  await ann.leave()
  expect(await deviations()).toEqual([])
})

test('what is not recorded gets its receipt, and is told; with --strict it is refused by an ERROR', async () => {
  const other = frame('SEND', { destination: '/queue/other', receipt: 'r' }, 'x')
  const mild = await play(opening(1, 'ann'))
  const ann = await mild.client()
  ann.say(connect('ann'), other)
  expect((await ann.hear(2))[1]).toMatchObject({ type: 'RECEIPT', receiptId: 'r' })
  await ann.leave()
  expect(await mild.deviations()).toEqual(['SEND /queue/other: unknown'])
  const strict = await play(opening(1, 'ann'), { strict: true })
  const bob = await strict.client()
  bob.say(connect('ann'), other)
  expect((await bob.hear(2))[1]).toMatchObject({ type: 'ERROR', receiptId: 'r' })
  await bob.left
})

test('a client is played whom it is like; in a version that it takes', async () => {
  const recorded = [
    ...opening(1, 'ann'),
    ...on(1, { client: send('x', { receipt: 'r' }) }, { server: receipt('r') }),
    ...opening(2, 'bob'),
    ...on(2, { client: subscribe('1') }, { server: message('m', '1', 'for bob') }),
  ]
  const { client, deviations } = await play(recorded)
  const bob = await client()
  bob.say(connect('bob', { 'accept-version': '1.0,1.1' }), subscribe('7'))
  const [hello, got] = await bob.hear(2)
  expect(hello).toMatchObject({ type: 'CONNECTED', version: '1.1' })
  expect(got).toMatchObject({ type: 'MESSAGE', subscription: '7' })
  expect(text(got.body)).toBe('for bob')
  await bob.leave()
  expect(await deviations()).toEqual([])
})
