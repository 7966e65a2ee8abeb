import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SaslInit, SaslResponse } from '../../../codecs/amqp10/frames.ts'
import {
  type Amqp10Frame,
  type Attach,
  amqp10,
  Body,
  type Context,
  type Message,
  type Transfer,
} from '../../../codecs/amqp10/index.ts'
import { readMessage } from '../../../codecs/amqp10/message.ts'
import {
  Deferred,
  FrameReader,
  type Packet,
  type Player,
  Renumbering,
  type Said,
  Writer,
} from '../../../codecs/core/index.ts'
import { readCapture } from '../../../src/capture/index.ts'
import { inspection } from '../../../src/inspection.ts'
import { Inspector } from '../../../src/inspector.ts'
import { ScramKeys } from '../../../src/scram.ts'
import { ScramServer } from '../scram-server.ts'
import { bare, decode, encode, packetOf } from './support.ts'
import { at, attach, begin, disposition, end, flow, text, transfer } from './talk.ts'

interface Put {
  readonly user?: string
  readonly password?: string
  readonly virtualHost?: string
  readonly map?: Readonly<Record<string, string>>
  readonly copy?: number
  readonly names?: Renumbering
}

function player({ map = {}, names = new Renumbering(), copy = 0, ...put }: Put = {}) {
  const play = amqp10.play?.({
    copy,
    scram: new ScramKeys({ waits: true }),
    names,
    address: name => map[name] ?? name,
    ...put,
  }) as Player<Amqp10Frame, Context>
  const packet = (frame: Amqp10Frame) => ({ length: encode(frame).length }) as Packet<Context>
  return {
    say: (frame: Amqp10Frame): Said<Amqp10Frame> => play.say(frame, packet(frame)),
    recall: (frame: Amqp10Frame) => play.recall(frame, packet(frame)),
    hear: (frame: Amqp10Frame) => play.hear(frame, packet(frame)),
    leave: () => play.leave(),
    play,
  }
}

/** A session, and a link of ours; the peer calls both as `theirs` says, then and now. */
function linked(role: Attach['role'], more: Partial<Attach> = {}, put: Put = {}) {
  const played = player(put)
  const { say, recall, hear } = played
  const peer = role === 'sender' ? 'receiver' : 'sender'
  say(begin(0))
  recall(begin(0, 0))
  hear({ ...begin(4, 0), nextOutgoingId: 100 } as Amqp10Frame)
  say(attach('link', 0, role, more))
  recall(attach('link', 0, peer))
  hear({ ...attach('link', 7, peer), channel: 4 })
  return { ...played, live: <F extends Amqp10Frame>(frame: F): F => ({ ...frame, channel: 4 }) }
}

const same = { action: 'same' }
const frames = (said: Said<Amqp10Frame>): readonly Amqp10Frame[] => (said.action === 'send' ? said.frames : [])

describe('what we receive', () => {
  /** So many recorded deliveries from id 0 on. */
  function receiving(count: number) {
    const link = linked('receiver', { source: at('events') })
    link.say(flow(0, 10))
    const expected = Array.from({ length: count }, (_, id) => link.recall(transfer(0, id)))
    return { ...link, expected, arrive: (id: number) => link.hear(link.live(transfer(7, id))) }
  }

  test('an acknowledgement goes to what stands for its delivery now', () => {
    const { say, arrive } = receiving(2)
    arrive(100)
    arrive(101)
    expect(frames(say(disposition('receiver', 1)))).toMatchObject([{ first: 101, state: { type: 'accepted' } }])
    expect(frames(say(disposition('receiver', 0)))).toMatchObject([{ first: 100 }])
  })

  test('it waits for its delivery, which counts once it is whole', () => {
    const { say, hear, live, expected } = receiving(1)
    expect(say(disposition('receiver', 0))).toEqual({ action: 'wait', for: expected[0] })
    hear(live(transfer(7, 100, { more: true, payload: text.encode('a') })))
    expect(say(disposition('receiver', 0)).action).toBe('wait')
    hear(live(transfer(7, undefined, { payload: text.encode('b') })))
    expect(frames(say(disposition('receiver', 0)))).toMatchObject([{ first: 100 }])
  })

  test('a range is as many ranges as it makes now', () => {
    const { say, arrive, hear, live } = receiving(3)
    arrive(0)
    arrive(1)
    // Another link's comes between.
    say(attach('other', 1, 'receiver'))
    hear(live(attach('other', 8, 'sender')))
    hear(live(transfer(8, 2)))
    arrive(3)
    const ranges = frames(say(disposition('receiver', 0, { last: 2 })))
    expect(ranges.map(frame => bare(frame))).toMatchObject([{ first: 0, last: 1 }, { first: 3 }])
  })

  test('what did not come is not acknowledged; what the recording does not have is, in the end', () => {
    const { say, arrive, expected, leave } = receiving(2)
    arrive(0)
    expect(say(disposition('receiver', 0))).toEqual(same)
    expected[1]?.giveUp()
    expect(say(disposition('receiver', 1)).action).toBe('skip')
    arrive(1)
    expect(leave()).toMatchObject([{ type: 'disposition', channel: 0, first: 1, last: 1, settled: true }])
    expect(leave()).toEqual([])
  })

  test('credit is as recorded, and what is still on its way keeps its own', () => {
    const { say, arrive } = receiving(3)
    arrive(100)
    expect(frames(say(flow(0, 5, { deliveryCount: 3, nextIncomingId: 3 })))).toMatchObject([
      { deliveryCount: 1, linkCredit: 7, nextIncomingId: 101 },
    ])
    arrive(101)
    arrive(102)
    expect(frames(say(flow(0, 5, { deliveryCount: 3, nextIncomingId: 3 })))).toMatchObject([
      { deliveryCount: 3, linkCredit: 5, nextIncomingId: 103 },
    ])
  })

  test('a peer that sends smaller frames is given room in the window before it is used up', () => {
    const { hear, live } = receiving(0)
    const answers = Array.from({ length: 100 }, (_, id) => hear(live(transfer(7, id, { settled: true }))))
    expect(answers.slice(0, 99).flat()).toEqual([])
    expect(answers[99]).toMatchObject([{ type: 'flow', channel: 0, incomingWindow: 100, nextIncomingId: 200 }])
  })

  test('what came without credit then is given some before it is waited for', () => {
    const { arrive, play } = receiving(12)
    for (let id = 100; id < 110; id++) arrive(id)
    expect(play.urge?.()).toMatchObject([{ type: 'flow', handle: 0, deliveryCount: 10, linkCredit: 2 }])
    expect(play.urge?.()).toEqual([])
  })

  test('a count that lies behind what it sent is not believed', () => {
    const { say, arrive, hear, live } = receiving(3)
    for (const id of [100, 101, 102]) arrive(id)
    hear(live(flow(7, 7, { deliveryCount: 1 })))
    expect(say(flow(0, 5, { deliveryCount: 3, nextIncomingId: 103 }))).toEqual(same)
  })

  test('what it drained it must say', () => {
    const { say, recall, hear, live } = receiving(0)
    say(flow(0, 10, { drain: true }))
    const drained = recall(flow(0, 0, { deliveryCount: 10, drain: true }))
    expect(drained?.open).toBe(true)
    hear(live(flow(7, 0, { deliveryCount: 10, drain: true })))
    expect(drained?.open).toBe(false)
    expect(recall(flow(0, 0))).toBeUndefined()
  })
})

describe('what we send', () => {
  const sender = (credit?: number, put?: Put, window = 100) => {
    const link = linked('sender', { target: at('orders') }, put)
    if (credit !== undefined) link.hear(link.live(flow(7, credit, { deliveryCount: 0, incomingWindow: window })))
    return link
  }

  test('there must be credit, which is waited for, once', () => {
    const { say, hear, live } = sender(1)
    expect(say(transfer(0, 0))).toEqual(same)
    const said = say(transfer(0, 1))
    expect(said).toMatchObject({ action: 'wait', for: { cause: 'credit' } })
    hear(live(flow(7, 1, { deliveryCount: 1 })))
    expect(said.action === 'wait' && said.for.open).toBe(false)
    expect(say(transfer(0, 1))).toEqual(same)
    const given = say(transfer(0, 2))
    if (given.action === 'wait') given.for.giveUp()
    expect(say(transfer(0, 2))).toMatchObject({ action: 'skip', reason: 'a message to orders: there was no credit' })
    expect(say(transfer(0, 3)).action).toBe('skip')
  })

  test('ids follow each other, whatever was left out, and settlements go by them', () => {
    const { say, recall, hear, live } = sender(1)
    say(transfer(0, 0))
    const waiting = say(transfer(0, 1))
    if (waiting.action === 'wait') waiting.for.giveUp()
    say(transfer(0, 1))
    hear(live(flow(7, 5, { deliveryCount: 1 })))
    expect(frames(say(transfer(0, 2)))).toMatchObject([{ deliveryId: 1 }])
    const confirmed = recall(disposition('receiver', 0, { last: 2, settled: false }))
    hear(live(disposition('receiver', 0, { settled: false })))
    const settled = disposition('sender', 0, { last: 2 })
    expect(say(settled)).toEqual({ action: 'wait', for: confirmed })
    hear(live(disposition('receiver', 1, { settled: false })))
    expect(confirmed?.open).toBe(false)
    expect(frames(say(settled))).toMatchObject([{ first: 0, last: 1 }])
  })

  test('the session must have room', () => {
    const { say, hear, live } = sender(10, {}, 1)
    expect(say(transfer(0, 0))).toEqual(same)
    expect(say(transfer(0, 1))).toMatchObject({ action: 'wait', for: { cause: 'room in the window of its session' } })
    hear(live(flow(undefined, undefined, { nextIncomingId: 1, incomingWindow: 1 })))
    expect(say(transfer(0, 1))).toEqual(same)
  })

  test('a transfer is cut as the peer takes it', () => {
    const { say, hear } = sender(10)
    hear({ type: 'open', channel: 0, containerId: 'x', maxFrameSize: 600 })
    const body = new Uint8Array(1500).fill(7)
    const parts = frames(say(transfer(0, 0, { message: { body: Body.data(body) } }))) as Transfer[]
    expect(parts.map(({ more }) => more ?? false)).toEqual([true, true, false])
    expect(parts.map(part => encode(part).length <= 600)).toEqual([true, true, true])
    const all = new Uint8Array(Buffer.concat(parts.map(({ payload }) => payload ?? new Uint8Array())))
    const { value } = new Deferred(readMessage, all, 0, all.length)
    expect(value.body?.sections).toMatchObject([{ value: body }])
    // A delivery that had several transfers is one still.
    expect(say(transfer(0, 1, { more: true, payload: text.encode('a') }))).toEqual(same)
    expect(say(transfer(0, undefined, { payload: text.encode('b') }))).toEqual(same)
    expect(frames(say(transfer(0, 2)))).toEqual([])
  })

  test('a message names addresses as they are now', () => {
    const names = new Renumbering()
    const asking = linked('receiver', { source: { dynamic: true } }, { names })
    asking.say(attach('reply', 1, 'receiver', { source: { dynamic: true } }))
    asking.recall(attach('reply', 1, 'sender', { source: at('made-up-then') }))
    asking.hear(asking.live(attach('reply', 9, 'sender', { source: at('made-up-now') })))
    const { say } = sender(10, { names, map: { orders: 'other' } })
    const message = {
      properties: { to: 'orders', subject: 's', replyTo: 'made-up-then' },
      body: Body.data(text.encode('1')),
    }
    const [sent] = frames(say(transfer(0, 0, { message }))) as [Transfer]
    const { frame } = decode(encode(sent)) as { frame: Transfer }
    expect((frame.message as Deferred<Message>).value).toMatchObject({
      properties: { to: 'other', subject: 's', replyTo: 'made-up-now' },
      body: { sections: [{ value: text.encode('1') }] },
    })
    expect(frames(say(attach('x', 2, 'sender', { target: at('made-up-then') })))).toMatchObject([
      { target: { address: 'made-up-now' } },
    ])
  })

  test('a transaction has its name of now, and is waited for', () => {
    const { say, recall, hear, live } = sender(10)
    say(attach('tx', 1, 'sender', { target: { type: 'coordinator' } }))
    recall(attach('tx', 1, 'receiver'))
    hear(live(attach('tx', 8, 'receiver')))
    hear(live(flow(8, 10, { deliveryCount: 0 })))
    const [then, now] = [Uint8Array.of(1), Uint8Array.of(9, 9)]
    const declare = { body: new Body('amqpValue', [{ type: 'declare' }]) }
    expect(say(transfer(1, 0, { message: declare }))).toEqual(same)
    const declared = recall(disposition('receiver', 0, { state: { type: 'declared', txnId: then } }))
    expect(declared?.loose).toBe(false)
    hear(live(disposition('receiver', 0, { state: { type: 'declared', txnId: now } })))
    expect(declared?.open).toBe(false)
    const state = { type: 'transactional-state', txnId: then } as const
    expect(frames(say(transfer(0, 1, { state })))).toMatchObject([{ state: { txnId: now } }])
    const discharge = { body: new Body('amqpValue', [{ type: 'discharge', txnId: then, fail: false }]) }
    const [sent] = frames(say(transfer(1, 2, { message: discharge }))) as [Transfer]
    const { frame } = decode(encode(sent)) as { frame: Transfer }
    expect((frame.message as Deferred<Message>).value.body?.sections).toEqual([
      { type: 'discharge', txnId: now, fail: false },
    ])
  })
})

describe('who we are', () => {
  const init = (response: string, mechanism = 'PLAIN'): Amqp10Frame => ({
    type: 'sasl-init',
    mechanism,
    initialResponse: text.encode(response),
  })
  const orderly = { action: 'same', orderly: true }

  test('other credentials are sent; overwritten ones are asked for', () => {
    expect(player().say(init('\0ann\0secret'))).toEqual(orderly)
    expect(frames(player({ password: 'new' }).say(init('\0ann\0old')))).toMatchObject([
      { initialResponse: text.encode('\0ann\0new') },
    ])
    expect(player({ user: 'ann' }).say(init('***********'))).toMatchObject({ action: 'impossible' })
    expect(frames(player({ user: 'ann', password: 'x' }).say(init('***********')))).toMatchObject([
      { mechanism: 'PLAIN', initialResponse: text.encode('\0ann\0x') },
    ])
  })

  test('what sends no password is as it was; challenges are not met again, but others may log in', () => {
    const put = { user: 'ann', password: 'x' }
    expect(player(put).say(init('****', 'ANONYMOUS'))).toEqual(orderly)
    expect(player(put).say(init('ann', 'EXTERNAL'))).toEqual(orderly)
    expect(player().say(init('n,,n=ann,r=1', 'SCRAM-SHA-256'))).toMatchObject({ action: 'impossible' })
    const { say, recall } = player(put)
    expect(frames(say(init('n,,n=ann,r=1', 'SCRAM-SHA-256')))).toMatchObject([{ mechanism: 'PLAIN' }])
    expect(recall({ type: 'sasl-challenge', challenge: text.encode('r=1,s=2') })).toBeUndefined()
    expect(say({ type: 'sasl-response', response: text.encode('p=3') })).toEqual({ action: 'skip' })
    expect(recall({ type: 'sasl-outcome', code: 0 })?.open).toBe(true)
  })

  test('a server that has SCRAM too is logged in to by it, its own challenge answered [RFC 5802]', () => {
    const server = new ScramServer('sha256', 'x')
    const { say, recall, hear } = player({ user: 'ann', password: 'x' })
    const offered: Amqp10Frame = { type: 'sasl-mechanisms', saslServerMechanisms: ['PLAIN', 'SCRAM-SHA-256'] }
    recall(offered)
    const recordedInit = init('n,,n=bob,r=1', 'SCRAM-SHA-256')
    // What this server has is not known yet.
    expect(say(recordedInit)).toMatchObject({ action: 'wait' })
    hear(offered)
    const [{ mechanism, initialResponse }] = frames(say(recordedInit)) as [SaslInit]
    const { user, challenge } = server.first(initialResponse as Uint8Array)
    expect([mechanism, user]).toEqual(['SCRAM-SHA-256', 'ann'])
    const [{ response }] = hear({ type: 'sasl-challenge', challenge }) as [SaslResponse]
    expect(say({ type: 'sasl-response', response: text.encode('p=3') })).toEqual({ action: 'skip' })
    expect(hear({ type: 'sasl-outcome', code: 0, additionalData: server.final(response) as Uint8Array })).toEqual([])
    expect(say({ type: 'open', channel: 0, containerId: 'c' })).toMatchObject({ action: 'same' })
  })

  test('one that does not prove itself then is told nothing more', () => {
    const { say, hear } = player({ user: 'ann', password: 'x' })
    hear({ type: 'sasl-mechanisms', saslServerMechanisms: ['SCRAM-SHA-256'] })
    say(init('n,,n=bob,r=1', 'SCRAM-SHA-256'))
    hear({ type: 'sasl-outcome', code: 0 })
    expect(say({ type: 'open', channel: 0, containerId: 'c' })).toMatchObject({
      action: 'impossible',
      message: expect.stringContaining('does not prove'),
    })
  })

  test('copies have containers and links of their own', () => {
    const { say } = player({ copy: 3, virtualHost: 'other' })
    expect(frames(say({ type: 'open', channel: 0, containerId: 'worker' }))).toMatchObject([
      { containerId: 'worker-3', hostname: 'other' },
    ])
    say(begin(0))
    expect(frames(say(attach('jobs', 0, 'receiver', { source: at('jobs') })))).toMatchObject([
      { name: 'jobs-3', source: { address: 'jobs' } },
    ])
  })

  test('keep-alives are for the peer that is there', () => {
    const { say, hear, play } = player()
    expect(say({ type: 'empty', channel: 0 })).toEqual({ action: 'skip' })
    expect(play.keepAlive).toBeUndefined()
    hear({ type: 'open', channel: 0, containerId: 'x', idleTimeOut: 60_000 })
    expect(play.keepAlive).toBe(30_000)
    expect(play.alive()).toEqual([{ type: 'empty', channel: 0 }])
    hear({ type: 'open', channel: 0, containerId: 'x', idleTimeOut: 1 })
    expect(play.keepAlive).toBe(10)
  })
})

describe('what the peer ends otherwise than then', () => {
  test('a link: it is answered, and left alone', () => {
    const { say, hear, live, recall } = linked('sender', { target: at('orders') })
    hear(live({ type: 'detach', channel: 0, handle: 7, closed: true }))
    expect(frames(say(transfer(0, 0)))).toMatchObject([{ type: 'detach', channel: 0, handle: 0, closed: true }])
    expect(say(transfer(0, 1))).toMatchObject({ action: 'skip', reason: 'transfer: orders is not attached' })
    expect(say({ type: 'detach', channel: 0, handle: 0, closed: true })).toEqual({ action: 'skip' })
    expect(recall({ type: 'detach', channel: 0, handle: 0, closed: true })?.open).toBe(false)
  })

  test('a session: it is answered, and left alone until one begins on its channel', () => {
    const { say, hear, live, recall } = linked('sender')
    hear(live({ type: 'end', channel: 0 }))
    expect(frames(say(attach('more', 1, 'sender')))).toEqual([end])
    expect(say(transfer(0, 0))).toMatchObject({ action: 'skip' })
    expect(recall(attach('more', 1, 'receiver'))?.open).toBe(false)
    expect(say(end)).toEqual({ action: 'skip' })
    expect(say(begin(0)).action).toBe('same')
    expect(say(attach('again', 0, 'sender')).action).toBe('same')
  })

  test('the connection: it is answered, and nothing more is said', () => {
    const { say, hear } = linked('sender')
    hear({ type: 'close', channel: 0 })
    expect(frames(say(transfer(0, 0)))).toEqual([{ type: 'close', channel: 0 }])
    expect(say(begin(1))).toMatchObject({ action: 'skip', reason: 'begin: the peer closed the connection' })
    expect(say({ type: 'close', channel: 0 })).toEqual({ action: 'skip' })
  })

  test('channels and handles that it does not take are not used', () => {
    const { say, hear } = player()
    hear({ type: 'open', channel: 0, containerId: 'x', channelMax: 1 })
    expect(say(begin(2))).toEqual({ action: 'skip', reason: 'channel 2: the peer takes 1' })
    expect(say({ ...attach('a', 0, 'sender'), channel: 2 })).toMatchObject({ action: 'skip' })
    say(begin(1))
    hear({ ...begin(0, 1), handleMax: 0 } as Amqp10Frame)
    expect(say({ ...attach('b', 1, 'sender'), channel: 1 })).toEqual({
      action: 'skip',
      reason: 'handle 1: the peer takes 0',
    })
  })
})

test('what the peer begins is answered under its numbers and names of now', () => {
  const { say, recall, hear } = player()
  const begun = recall(begin(3))
  expect(say(begin(0, 3))).toEqual({ action: 'wait', for: begun })
  hear(begin(5))
  expect(frames(say(begin(0, 3)))).toMatchObject([{ remoteChannel: 5 }])
  hear({ ...attach('made-up-2', 4, 'sender', { source: at('push') }), channel: 5 })
  expect(recall({ ...attach('made-up-1', 2, 'sender', { source: at('push') }), channel: 3 })?.open).toBe(false)
  expect(frames(say(attach('made-up-1', 0, 'receiver')))).toMatchObject([{ name: 'made-up-2', handle: 0 }])
})

/** What was said on each connection of a recording. */
async function conversations(name: string): Promise<Packet[][]> {
  const flows = new Map<number, Packet[]>()
  const packet = ({ id }: { readonly id: number }, cut: Packet): void => {
    flows.set(id, [...(flows.get(id) ?? []), cut.kept()])
  }
  const path = fileURLToPath(new URL(`../../../fixtures/amqp10/${name}.pcap`, import.meta.url))
  await readCapture({ path }, new Inspector(inspection(), { packet }), { ports: new Set(amqp10.ports) })
  return [...flows.values()].filter(packets => packets.every(({ context }) => typeof context === 'object'))
}

test.each(['rabbit_basic', 'rhea_server'])('whatever a peer says to the client of %s, all can be sent', async name => {
  const reader = new FrameReader()
  const writer = new Writer()
  for (const packets of await conversations(name)) {
    const frameOf = (at: number): Amqp10Frame => reader.read(amqp10, packets[at % packets.length] as never).frame
    // After each of the recording's packets, what the peer says: anything that was ever said, by whomever, or almost.
    const one = fc.record({ which: fc.nat(packets.length - 1), at: fc.nat(), by: fc.nat(511) })
    const said = fc.array(fc.array(one, { maxLength: 3 }), { maxLength: packets.length })
    const almost = ({ which, at, by }: { readonly which: number; readonly at: number; readonly by: number }) => {
      const { bytes, context } = packets[which] as Packet<Context>
      const changed = bytes.slice()
      if (by < 256 && changed.length > 8) changed[8 + (at % (changed.length - 8))] = by
      return reader.read(amqp10, packetOf(changed, context)).frame
    }
    const property = fc.property(said, fc.boolean(), (live, patient) => {
      const { play } = player({ map: { 'amq-q1': 'other' }, copy: 1, user: 'ann', password: 'x' })
      const send = (frames: readonly Amqp10Frame[], { context }: Packet): void => {
        for (const frame of frames) amqp10.write(writer, frame, context as Context)
        writer.take()
      }
      for (const [at, packet] of packets.entries()) {
        if (packet.side === 'server') {
          const expected = play.recall(frameOf(at), packet as Packet<Context>)
          if (!patient) expected?.giveUp()
        } else {
          let answer = play.say(frameOf(at), packet as Packet<Context>)
          for (; answer.action === 'wait'; answer = play.say(frameOf(at), packet as Packet<Context>))
            answer.for.giveUp()
          if (answer.action === 'send') send(answer.frames, packet)
        }
        for (const heard of live[at] ?? []) send(play.hear(almost(heard), packet as Packet<Context>), packet)
        send(play.urge?.() ?? [], packet)
      }
      send(play.leave(), packets[0] as Packet)
    })
    fc.assert(property, { numRuns: 200 })
  }
})
