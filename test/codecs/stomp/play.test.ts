import { expect, test } from 'vitest'
import { type Packet, type Player, Renumbering, type Said } from '../../../codecs/core/index.ts'
import { type CommandFrame, Headers, type StompFrame, stomp, stompFrame } from '../../../codecs/stomp/index.ts'
import { ScramKeys } from '../../../src/scram.ts'

const none = {} as Packet

interface Put {
  readonly user?: string
  readonly password?: string
  readonly virtualHost?: string
  readonly copy?: number
  readonly map?: Readonly<Record<string, string>>
}

function player({ copy = 0, map = {}, ...put }: Put = {}) {
  const options = {
    copy,

    scram: new ScramKeys({ waits: true }),
    names: new Renumbering(),
    address: (name: string) => map[name] ?? name,
    ...put,
  } as const
  const play = stomp.play?.(options) as Player<StompFrame>
  return {
    play,
    say: (frame: StompFrame): Said<StompFrame> => play.say(frame, none),
    recall: (frame: StompFrame) => play.recall(frame, none),
    hear: (frame: StompFrame) => play.hear(frame, none),
  }
}

const frame = (type: string, headers: Readonly<Record<string, string>> = {}, body?: string): CommandFrame =>
  stompFrame(type, Headers.of(...Object.entries(headers)), body === undefined ? undefined : utf8(body))
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What is sent, as people write it. */
function sent(said: Said<StompFrame>): unknown {
  if (said.action !== 'send') return said.action
  return said.frames.map(one => {
    const { type, headers, body: _, crlf: __, ...fields } = one as CommandFrame
    return { type, ...headers.toJSON(), ...fields }
  })
}

const message = (ack: string | undefined, id: string, body = 'x', more = {}): CommandFrame =>
  frame('MESSAGE', { subscription: 's', destination: '/queue/a', 'message-id': id, ...(ack && { ack }), ...more }, body)
const subscribe = (ack: string): CommandFrame => frame('SUBSCRIBE', { id: 's', destination: '/queue/a', ack })

test('ACK names the delivery of now, by `ack` [STOMP 1.2, ACK]', () => {
  const { say, recall, hear } = player()
  say(subscribe('client'))
  const expected = recall(message('then-7', 'm-then'))
  expect(say(frame('ACK', { id: 'then-7' }))).toEqual({ action: 'wait', for: expected })
  hear(message('now-3', 'm-now'))
  expect(sent(say(frame('ACK', { id: 'then-7' })))).toEqual([{ type: 'ACK', id: 'now-3' }])
})

test('and by message-id and subscription where that is how it was, or how this broker wants it [STOMP 1.1, ACK]', () => {
  const both = player()
  both.say(subscribe('client'))
  both.recall(message('then', 'm-then'))
  both.hear(message('now', 'm-now'))
  const said = { id: 'then', 'message-id': 'm-then', subscription: 's' }
  expect(sent(both.say(frame('NACK', said)))).toMatchObject([{ id: 'now', messageId: 'm-now', subscription: 's' }])
  const old = player()
  old.recall(message('then', 'm-then'))
  old.hear(message(undefined, 'm-now'))
  expect(sent(old.say(frame('ACK', { id: 'then' })))).toMatchObject([{ messageId: 'm-now', subscription: 's' }])
})

test('one by one, an acknowledgement goes to the message of the same content; cumulative ones go by their order', () => {
  const pairing = (mode: string): unknown => {
    const { say, recall, hear } = player()
    say(subscribe(mode))
    recall(message('then-1', '1', 'red'))
    recall(message('then-2', '2', 'blue'))
    hear(message('now-1', '1', 'blue'))
    hear(message('now-2', '2', 'red'))
    return sent(say(frame('ACK', { id: 'then-1' })))
  }
  expect(pairing('client-individual')).toEqual([{ type: 'ACK', id: 'now-2' }])
  expect(pairing('client')).toEqual([{ type: 'ACK', id: 'now-1' }])
})

test('where another message came in its place, that is acknowledged; where none came, nothing', () => {
  const { say, recall, hear } = player()
  say(subscribe('client-individual'))
  const [one, two] = [recall(message('then-1', '1', 'red')), recall(message('then-2', '2', 'blue'))]
  hear(message('now-1', '1', 'green'))
  one?.giveUp()
  two?.giveUp()
  expect(sent(say(frame('ACK', { id: 'then-1' })))).toEqual([{ type: 'ACK', id: 'now-1' }])
  expect(say(frame('ACK', { id: 'then-2' }))).toEqual({ action: 'skip', reason: 'nothing came for ACK then-2' })
})

test('an ACK of nothing is sent as it was: it was answered by an ERROR', () => {
  expect(player().say(frame('ACK', { id: 'nope' }))).toEqual({ action: 'same' })
})

test('what the recording does not have is acknowledged before DISCONNECT, where each is by itself', () => {
  const left = (mode: string): unknown => {
    const { say, hear } = player()
    say(subscribe(mode))
    hear(message('now', '1'))
    return sent(say(frame('DISCONNECT', { receipt: 'bye' })))
  }
  expect(left('client-individual')).toEqual([
    { type: 'ACK', id: 'now', subscription: 's' },
    { type: 'DISCONNECT', receipt: 'bye' },
  ])
  expect(left('client')).toBe('same')
  expect(left('auto')).toBe('same')
})

test('an answer goes where the message of now says', () => {
  const { say, recall, hear } = player()
  const expected = recall(message(undefined, '1', 'x', { 'reply-to': '/reply-queue/then' }))
  const answer = frame('SEND', { destination: '/reply-queue/then' }, 'y')
  expect(say(answer)).toEqual({ action: 'wait', for: expected })
  hear(message(undefined, '1', 'x', { 'reply-to': '/reply-queue/now' }))
  expect(sent(say(answer))).toMatchObject([{ destination: '/reply-queue/now' }])
})

test('receipts are what they were: that of a SUBSCRIBE comes before all else, that of a SEND may be late', () => {
  const { say, recall, hear } = player()
  say(frame('SUBSCRIBE', { id: 's', destination: '/queue/a', receipt: 'r1' }))
  say(frame('SEND', { destination: '/queue/a', receipt: 'r2' }))
  const [subscribed, sentIt] = ['r1', 'r2'].map(id => recall(frame('RECEIPT', { 'receipt-id': id })))
  expect([subscribed?.loose, sentIt?.loose]).toEqual([false, true])
  hear(frame('RECEIPT', { 'receipt-id': 'r2' }))
  expect([subscribed?.open, sentIt?.open]).toEqual([true, false])
})

test('CONNECT as somebody else, to another virtual host, each copy another client', () => {
  const connect = frame('CONNECT', { host: '/', login: 'ann', passcode: '****', 'client-id': 'c' })
  expect(player().say(connect)).toMatchObject({
    action: 'impossible',
    message: 'the recording has no passcode of ann: it was overwritten',
  })
  const other = player({ user: 'bob', password: 'x', virtualHost: 'v', copy: 2 })
  const said = other.say(connect)
  expect(sent(said)).toMatchObject([{ host: 'v', login: 'bob', 'client-id': 'c-2' }])
  expect(said).toMatchObject({ frames: [{ passcode: 'x' }] })
  expect(player().say(frame('CONNECT', { host: '/', passcode: 'x' }))).toEqual({ action: 'same', orderly: true })
})

test('heart-beats are its own, as both agreed [STOMP 1.2, Heart-beating]', () => {
  const agreed = (client: string, server: string): number | undefined => {
    const { play, say, hear } = player()
    say(frame('CONNECT', { 'heart-beat': client }))
    hear(frame('CONNECTED', { 'heart-beat': server }))
    return play.keepAlive
  }
  expect(agreed('500,0', '0,1000')).toBe(500)
  expect(agreed('2000,0', '0,1000')).toBe(1000)
  expect(agreed('0,0', '0,1000')).toBeUndefined()
  expect(agreed('500,0', '0,0')).toBeUndefined()
  const { play, say } = player()
  expect(play.alive()).toEqual([{ type: 'heartbeat' }])
  expect(say({ type: 'heartbeat' }).action).toBe('skip')
})

test('other destinations; copies have queues of their own', () => {
  const { say, recall, hear } = player({ map: { '/queue/a': '/queue/b' } })
  expect(sent(say(frame('SEND', { destination: '/queue/a' }, 'x')))).toMatchObject([{ destination: '/queue/b' }])
  expect(sent(say(subscribe('auto')))).toMatchObject([{ destination: '/queue/b' }])
  // STOMP 1.0 need not name the subscription.
  const old = recall(frame('MESSAGE', { destination: '/queue/a', 'message-id': '1' }, 'x'))
  hear(frame('MESSAGE', { destination: '/queue/b', 'message-id': '2' }, 'x'))
  expect(old?.open).toBe(false)
  const copy = player({ copy: 3 })
  expect(sent(copy.say(subscribe('auto')))).toMatchObject([{ destination: '/queue/a-3' }])
  expect(copy.say(frame('SEND', { destination: '/topic/a' }, 'x'))).toMatchObject({ action: 'same' })
  expect(copy.say(frame('SEND', {}, 'x'))).toMatchObject({ action: 'same' })
})
