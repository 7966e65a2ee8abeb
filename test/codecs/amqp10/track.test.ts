import { describe, expect, it } from 'vitest'
import {
  type Amqp10Frame,
  AmqpMap,
  amqp10,
  Body,
  type Composite,
  type Disposition,
  List,
  type Message,
  Scalar,
  type Transfer,
} from '../../../codecs/amqp10/index.ts'
import { Budget, type Joined } from '../../../codecs/core/index.ts'
import { capture } from '../../filter/captures.ts'
import { type Story, story, storyOf } from '../../tracking/story.ts'
import { context, encode } from './support.ts'
import {
  at,
  attach,
  begin,
  client,
  disposition,
  end,
  flow,
  receiving,
  type Step,
  sending,
  server,
  text,
  transfer,
} from './talk.ts'

const told = (steps: readonly Step[], joined: Joined = 'start', room?: Parameters<typeof story>[4]): Story =>
  story(amqp10, context, steps, joined, room)
const without = (word: string, lines: readonly string[]): readonly string[] =>
  lines.filter(line => !line.startsWith(word))
/** Everything but levels. */
const lines = (...steps: Step[]): readonly string[] => without('level', told(steps).lines)
/** What is told after the link is there, but levels. */
const following = (opening: readonly Step[], ...steps: Step[]): readonly string[] =>
  lines(...opening, ...steps).slice(5)
const levels = (name: string, ...steps: Step[]): readonly string[] =>
  told(steps).lines.filter(line => line.startsWith('level') && line.includes(` ${name} `))

describe('connections, sessions and links', () => {
  it('ties open, begin, attach, detach, end and close to what answers them', () => {
    const open: Amqp10Frame = { type: 'open', channel: 0, containerId: 'me' }
    expect(
      lines(
        client(open),
        server({ ...open, containerId: 'broker' }),
        ...sending,
        client({ type: 'detach', channel: 0, handle: 0, closed: true }),
        server({ type: 'detach', channel: 0, handle: 0, closed: true }),
        client(end),
        server(end),
        client({ type: 'close', channel: 0 }),
        server({ type: 'close', channel: 0 }),
      ),
    ).toEqual([
      'exchange open me: 1→2 ok open',
      'exchange begin ch=0: 3→4 ok begin',
      'add session "ch=0"',
      'exchange attach ch=0 0 orders: 5→6 ok attach',
      'add link "out" of ch=0',
      'use address "orders"',
      'exchange detach ch=0 0 orders: 7→8 ok detach',
      'remove link "out" of ch=0',
      'exchange end ch=0: 9→10 ok end',
      'remove session "ch=0"',
      'exchange close: 11→12 ok close',
    ])
  })

  it('follows SASL to its outcome', () => {
    const said = (code: number) => [
      server({ type: 'sasl-mechanisms', saslServerMechanisms: ['SCRAM-SHA-256'] }),
      client({ type: 'sasl-init', mechanism: 'SCRAM-SHA-256' }),
      server({ type: 'sasl-challenge', challenge: text.encode('r=1') }),
      client({ type: 'sasl-response', response: text.encode('c=1') }),
      server({ type: 'sasl-outcome', code }),
    ]
    expect(lines(...said(0))).toEqual(['exchange sasl SCRAM-SHA-256: 2→3→4→5 ok ok'])
    expect(lines(...said(1))).toEqual(['exchange sasl SCRAM-SHA-256: 2→3→4→5 failed auth'])
  })

  it('keeps the channels and handles of both sides apart', () => {
    expect(
      lines(
        client(begin(3)),
        server(begin(9, 3)),
        client(attach('out', 5, 'sender', { channel: 3, target: at('orders') })),
        server(attach('out', 1, 'receiver', { channel: 9, target: at('orders') })),
        client(transfer(5, 0, { channel: 3 })),
        server(disposition('receiver', 0, { channel: 9 })),
        server({ type: 'detach', channel: 9, handle: 1 }),
        client({ type: 'detach', channel: 3, handle: 5 }),
      ).slice(5),
    ).toEqual([
      'message publish orders 4 bytes in 5',
      'exchange publish-confirm ch=3 0 orders: 5→6 ok accepted',
      'exchange detach ch=3 5 orders: 7→8 ok detach',
      'remove link "out" of ch=3',
    ])
  })

  it('takes a link that is attached without a terminus and then detached for refused [2.6.3]', () => {
    expect(
      lines(
        ...sending.slice(0, 2),
        client(attach('in', 0, 'receiver', { source: at('missing') })),
        server(attach('in', 4, 'sender', { source: undefined })),
        server({ type: 'detach', channel: 0, handle: 4, closed: true, error: { condition: 'amqp:not-found' } }),
        client({ type: 'detach', channel: 0, handle: 0, closed: true }),
      ).slice(2),
    ).toEqual([
      'exchange attach ch=0 0 missing: 3→4→5 failed amqp:not-found',
      'exchange detach ch=0 0 missing: 5→6 failed amqp:not-found',
    ])
  })

  it('but not one whose peer leaves the terminus out and goes on', () => {
    expect(
      lines(
        ...sending.slice(0, 3),
        server(attach('out', 0, 'receiver', { target: undefined })),
        server(flow(0, 10, { deliveryCount: 0 })),
      ).slice(2, 3),
    ).toEqual(['exchange attach ch=0 0 orders: 3→4 ok attach'])
  })

  it('takes the address of a dynamic node from the answer', () => {
    expect(
      lines(
        ...receiving.slice(0, 2),
        client(attach('in', 0, 'receiver', { source: { dynamic: true } })),
        server(attach('in', 0, 'sender', { source: { address: 'tmp-1', dynamic: true } })),
        server(transfer(0, 0)),
      ).slice(3),
    ).toEqual([
      'add link "in" of ch=0',
      'add address "tmp-1"',
      'message deliver tmp-1 4 bytes in 5',
      'exchange deliver-ack ch=0 0 tmp-1: 5→?',
    ])
  })

  it('asks the message where a link has no address', () => {
    const message: Message = { properties: { to: '/queues/a' }, body: Body.data(text.encode('x')) }
    expect(
      lines(
        ...sending.slice(0, 2),
        client(attach('relay', 0, 'sender')),
        server(attach('relay', 0, 'receiver')),
        client(transfer(0, 0, { message })),
      ).slice(-2),
    ).toEqual(['message publish /queues/a 1 bytes in 5', 'exchange publish-confirm ch=0 0 /queues/a: 5→?'])
  })

  it('ends what waits in a session or connection that ends', () => {
    const error = { condition: 'amqp:not-found', description: 'no queue' }
    expect(following(sending, client(transfer(0, 0)), server({ ...end, type: 'end', error }), client(end))).toEqual([
      'message publish orders 4 bytes in 5',
      'exchange publish-confirm ch=0 0 orders: 5→? session ended amqp:not-found "no queue"',
      'exchange end ch=0: 6→7 failed amqp:not-found "no queue"',
      'remove session "ch=0"',
    ])
    expect(following(sending, client(transfer(0, 0)), server({ type: 'close', channel: 0, error })).slice(1)).toEqual([
      'exchange publish-confirm ch=0 0 orders: 5→? connection closed amqp:not-found "no queue"',
      'exchange close: 6→? failed amqp:not-found "no queue"',
    ])
  })
})

describe('transfers', () => {
  it('need no answer when they are settled', () => {
    expect(following(sending, client(transfer(0, 0, { settled: true })))).toEqual([
      'message publish orders 4 bytes in 5',
    ])
  })

  const octets = encode(transfer(0, 0)).subarray(-9)
  const part = (deliveryId: number | undefined, from: number, to: number, more = true): Transfer =>
    transfer(0, deliveryId, { payload: octets.subarray(from, to), more })

  it('are put together over several frames, which need not name the delivery', () => {
    const { messages, lines } = told([
      ...sending,
      client(part(0, 0, 3)),
      client(part(undefined, 3, 6)),
      client(part(0, 6, 9, false)),
      server(disposition('receiver', 0)),
    ])
    expect(without('level', lines).slice(5)).toEqual([
      'message publish orders 4 bytes in 5 6 7',
      'exchange publish-confirm ch=0 0 orders: 5→8 ok accepted',
    ])
    expect(messages[0]?.body).toEqual(text.encode('21.5'))
    expect(messages[0]?.properties).toMatchObject({ deliveryId: 0, deliveryTag: '00', settled: false })
  })

  it('of several links interleave', () => {
    const second = [
      client(attach('out2', 1, 'sender', { target: at('audit') })),
      server(attach('out2', 1, 'receiver', { target: at('audit') })),
    ]
    const messages = lines(
      ...sending,
      ...second,
      client(part(0, 0, 3)),
      client({ ...part(1, 0, 5), handle: 1 }),
      client(part(undefined, 3, 9, false)),
      client({ ...part(undefined, 5, 9, false), handle: 1 }),
    ).filter(line => line.startsWith('message'))
    expect(messages).toEqual(['message publish orders 4 bytes in 7 9', 'message publish audit 4 bytes in 8 10'])
  })

  it('that are aborted are no message, and settled', () => {
    expect(following(sending, client(part(0, 0, 3)), client(transfer(0, undefined, { aborted: true })))).toEqual([
      'exchange publish-confirm ch=0 0 orders: 5→? aborted',
    ])
  })

  it('are told as far as they came: cut off, begun anew, or with a hole', () => {
    expect(following(sending, client(part(0, 0, 3)))).toEqual(['message publish orders 3 bytes in 5, not whole'])
    expect(following(sending, client(part(0, 0, 3)), client(transfer(0, 1, { settled: true })))).toEqual([
      'message publish orders 3 bytes in 5, not whole',
      'message publish orders 4 bytes in 6',
    ])
    // What comes after a hole is taken for a frame once another one follows.
    const rest = [client(part(undefined, 6, 9, false)), client(transfer(0, 1))]
    expect(following(sending, client(part(0, 0, 3)), { lost: 40, by: 'client' }, ...rest)[0]).toBe(
      'message publish orders 6 bytes in 5 7, not whole',
    )
  })

  it('resume a delivery without its payload, when only its state is to be settled', () => {
    const resumed = transfer(0, 4, { message: undefined, resume: true, state: { type: 'accepted' } })
    expect(following(sending, client(resumed), server(disposition('receiver', 4)))).toEqual([
      'exchange publish-confirm ch=0 4 orders: 5→6 ok accepted',
    ])
  })

  it('without room for their parts are counted, and every byte of room is given back', () => {
    const room = { exchanges: new Budget(10), bytes: new Budget(2) }
    const steps = [...sending, client(part(0, 0, 3)), client(part(undefined, 3, 9, false))]
    expect(without('level', told(steps, 'start', room).lines).slice(5, 6)).toEqual([
      'message publish orders 9 bytes in 5 6, not whole',
    ])
  })

  it('make sense where the connection was joined in the middle', () => {
    const steps = [
      client(part(undefined, 6, 9, false)),
      client(transfer(0, 7)),
      server(disposition('receiver', 7)),
      server(transfer(2, 3)),
    ]
    expect(without('level', told(steps, 'middle').lines)).toEqual([
      'message publish ? 3 bytes in 1, not whole',
      'message publish ? 4 bytes in 2',
      'exchange publish-confirm ch=0 7: 2→3 ok accepted',
      'message deliver ? 4 bytes in 4',
      'exchange deliver-ack ch=0 3: 4→?',
    ])
  })
})

describe('dispositions', () => {
  const sent = (...ids: number[]): Step[] => ids.map(id => client(transfer(0, id)))
  const exchanges = (...steps: Step[]): readonly string[] =>
    following(sending, ...steps).filter(line => line.startsWith('exchange'))

  it('settle a range, over the end of the serial numbers too', () => {
    expect(
      exchanges(...sent(0xfffffffe, 0xffffffff, 0), server(disposition('receiver', 0xfffffffe, { last: 0 }))),
    ).toEqual([
      'exchange publish-confirm ch=0 4294967294 orders: 5→8 ok accepted',
      'exchange publish-confirm ch=0 4294967295 orders: 6→8 ok accepted',
      'exchange publish-confirm ch=0 0 orders: 7→8 ok accepted',
    ])
  })

  it('settle what there is of a range that is huge, and nothing of one that runs backwards', () => {
    expect(exchanges(...sent(5, 6), server(disposition('receiver', 0, { last: 0x7fffffff })))).toHaveLength(2)
    expect(exchanges(...sent(5, 6), server(disposition('receiver', 6, { last: 5 })))).toEqual([
      'exchange publish-confirm ch=0 5 orders: 5→?',
      'exchange publish-confirm ch=0 6 orders: 6→?',
    ])
  })

  it.each<[Composite, string]>([
    [{ type: 'accepted' }, 'ok accepted'],
    [{ type: 'released' }, 'failed released'],
    [{ type: 'modified', deliveryFailed: true }, 'failed modified'],
    [
      { type: 'rejected', error: { condition: 'amqp:decode-error', description: 'bad' } },
      'failed rejected amqp:decode-error "bad"',
    ],
    [{ type: 'transactional-state', txnId: Uint8Array.of(7), outcome: { type: 'accepted' } }, 'ok txn=07 accepted'],
  ])('have an outcome: %o', (state, outcome) => {
    expect(exchanges(...sent(0), server(disposition('receiver', 0, { state })))).toEqual([
      `exchange publish-confirm ch=0 0 orders: 5→6 ${outcome}`,
    ])
  })

  it('come twice where the receiver settles second: the state is the receiver’s', () => {
    const rejected: Partial<Disposition> = { settled: false, state: { type: 'rejected' } }
    expect(
      exchanges(
        ...sent(0),
        server(disposition('receiver', 0, rejected)),
        client(disposition('sender', 0, { state: undefined })),
      ),
    ).toEqual(['exchange publish-confirm ch=0 0 orders: 5→6→7 failed rejected'])
  })

  it('of a sender that does not wait leave no answer', () => {
    expect(exchanges(...sent(0), client(disposition('sender', 0, { state: undefined })))).toEqual([
      'exchange publish-confirm ch=0 0 orders: 5→? settled by its sender',
    ])
  })

  it('are the client’s for what it receives', () => {
    const steps = [server(transfer(0, 0)), server(transfer(0, 1)), client(disposition('receiver', 1))]
    expect(following(receiving, ...steps).filter(line => line.startsWith('exchange'))).toEqual([
      'exchange deliver-ack ch=0 1 events: 6→7 ok accepted',
      'exchange deliver-ack ch=0 0 events: 5→?',
    ])
  })

  it('end with their link', () => {
    expect(
      exchanges(
        ...sent(0),
        server({ type: 'detach', channel: 0, handle: 0, error: { condition: 'amqp:link:stolen' } }),
        client({ type: 'detach', channel: 0, handle: 0 }),
      ),
    ).toEqual([
      'exchange detach ch=0 0 orders: 6→7 failed amqp:link:stolen',
      'exchange publish-confirm ch=0 0 orders: 5→? link detached',
    ])
  })

  it('are given up, the oldest first, where there is no room', () => {
    const room = { exchanges: new Budget(3), bytes: new Budget(0) }
    const { exchanges, lines } = told([...sending, ...sent(0, 1, 2, 3, 4)], 'start', room)
    expect(exchanges.filter(({ outcome }) => outcome === 'given up').map(({ id }) => id)).toEqual([0, 1])
    expect(lines.filter(line => line.includes('unsettled')).at(-1)).toBe('level ch=0 link=0 orders unsettled 3')
  })
})

describe('transactions', () => {
  const txnId = Uint8Array.of(1, 2)
  const asked = (deliveryId: number, ask: Composite): Step =>
    client(transfer(0, deliveryId, { message: { body: new Body('amqpValue', [ask]) } }))

  it('are declared and discharged with the coordinator, and are no messages', () => {
    expect(
      lines(
        ...sending.slice(0, 2),
        client(attach('txn', 0, 'sender', { target: { type: 'coordinator' } })),
        server(attach('txn', 0, 'receiver', { target: { type: 'coordinator' } })),
        asked(0, { type: 'declare' }),
        server(disposition('receiver', 0, { state: { type: 'declared', txnId } })),
        asked(1, { type: 'discharge', txnId, fail: false }),
        server(disposition('receiver', 1)),
        asked(2, { type: 'discharge', txnId, fail: true }),
        server(
          disposition('receiver', 2, {
            state: { type: 'rejected', error: { condition: 'amqp:transaction:unknown-id' } },
          }),
        ),
      ).slice(4),
    ).toEqual([
      'exchange transaction.declare ch=0 0: 5→6 ok declared txn=0102',
      'exchange transaction.discharge ch=0 1 commit: 7→8 ok accepted',
      'exchange transaction.discharge ch=0 2 rollback: 9→10 failed rejected amqp:transaction:unknown-id',
    ])
  })
})

describe('levels', () => {
  it('count a link’s credit down as deliveries go out, and what is on the way when the receiver speaks', () => {
    expect(
      levels(
        'credit',
        ...sending,
        server(flow(0, 3)),
        client(transfer(0, 0)),
        client(transfer(0, 1)),
        // It has seen one of the two.
        server(flow(0, 3, { deliveryCount: 1 })),
      ),
    ).toEqual([
      'level ch=0 link=0 orders credit 3',
      'level ch=0 link=0 orders credit 2',
      'level ch=0 link=0 orders credit 1',
      'level ch=0 link=0 orders credit 2',
    ])
  })

  it('count a delivery once, however many transfers it takes', () => {
    const parts = [
      transfer(0, 0, { more: true, payload: text.encode('a') }),
      transfer(0, undefined, { payload: text.encode('b') }),
    ]
    expect(levels('credit', ...sending, server(flow(0, 5)), ...parts.map(client)).at(-1)).toMatch(/credit 4$/)
  })

  it('drop to nothing when a link is drained', () => {
    const drained = server(flow(0, 0, { deliveryCount: 10, drain: true }))
    const steps = [...receiving, client(flow(0, 10, { drain: true, deliveryCount: 0 })), drained]
    expect(levels('credit', ...steps)).toEqual([
      'level ch=0 link=0 events credit 10',
      'level ch=0 link=0 events credit 0',
    ])
  })

  it('count delivery-counts that wrap', () => {
    const wrapping = [
      ...receiving.slice(0, 3),
      server(attach('in', 0, 'sender', { source: at('events'), initialDeliveryCount: 0xffffffff })),
      client(flow(0, 5, { deliveryCount: 0xffffffff })),
      server(transfer(0, 0)),
      server(transfer(0, 1)),
      client(flow(0, 5, { deliveryCount: 1 })),
    ]
    expect(levels('credit', ...wrapping).map(line => line.split(' ').at(-1))).toEqual(['5', '4', '3', '5'])
  })

  it('show the windows of a session, less what is on the way', () => {
    expect(
      levels(
        'window',
        ...sending,
        client(transfer(0, 0, { settled: true })),
        client(transfer(0, 1, { settled: true })),
        server(flow(undefined, undefined, { nextIncomingId: 1, incomingWindow: 80 })),
      ),
    ).toEqual([
      'level ch=0 client incoming window 100',
      'level ch=0 client outgoing window 50',
      'level ch=0 server incoming window 100',
      'level ch=0 server outgoing window 50',
      'level ch=0 server incoming window 99',
      'level ch=0 server incoming window 98',
      'level ch=0 server incoming window 79',
    ])
  })

  it('count what is not settled on each link', () => {
    const steps = [...sending, ...[0, 1, 2].map(id => client(transfer(0, id)))]
    expect(levels('unsettled', ...steps, server(disposition('receiver', 0, { last: 1 })))).toEqual([
      'level ch=0 link=0 orders unsettled 1',
      'level ch=0 link=0 orders unsettled 2',
      'level ch=0 link=0 orders unsettled 3',
      'level ch=0 link=0 orders unsettled 1',
    ])
  })
})

describe('a message', () => {
  const of = (message: Message) => {
    const [only] = told([...receiving, server(transfer(0, 0, { message }))]).messages
    if (only === undefined) throw new Error('no message')
    return only
  }

  it('has the sections of its transfer', () => {
    const message = of({
      header: { durable: true, deliveryCount: 1 },
      messageAnnotations: AmqpMap.fields({ 'x-opt-a': Scalar.of('int', 1) }),
      properties: {
        messageId: Scalar.of('ulong', 7),
        correlationId: Scalar.of('binary', Uint8Array.of(0xff)),
        replyTo: 'answers',
        contentType: 'text/plain',
        contentEncoding: 'gzip',
      },
      applicationProperties: AmqpMap.of({ traceparent: Scalar.of('string', '00-1'), n: Scalar.of('int', 3) }),
      body: Body.data(text.encode('ab'), text.encode('c')),
    })
    expect(message).toMatchObject({
      direction: 'deliver',
      destination: { address: 'events' },
      id: '7',
      correlationId: 'ff',
      replyTo: 'answers',
      contentType: 'text/plain',
      contentEncoding: 'gzip',
      repeated: true,
      size: 3,
    })
    expect(message.body).toEqual(text.encode('abc'))
    expect(message.properties).toMatchObject({
      header: { durable: true, deliveryCount: 1 },
      messageAnnotations: { 'x-opt-a': 1 },
      properties: { replyTo: 'answers' },
      applicationProperties: { traceparent: '00-1', n: 3 },
    })
    expect([message.header('traceparent'), message.header('n'), message.header('none')]).toEqual([
      '00-1',
      '3',
      undefined,
    ])
  })

  it.each<[string, Body, string, string | undefined]>([
    ['a string', new Body('amqpValue', [Scalar.of('string', 'hé')]), 'hé', 'text/plain'],
    ['octets', new Body('amqpValue', [Scalar.of('binary', text.encode('raw'))]), 'raw', undefined],
    ['a number', new Body('amqpValue', [Scalar.of('int', 42)]), '42', 'application/json'],
    ['a map', new Body('amqpValue', [AmqpMap.of({ a: Scalar.of('int', 1) })]), '{"a":1}', 'application/json'],
    [
      'a sequence',
      new Body('amqpSequence', [new List([Scalar.of('int', 1), Scalar.of('string', 'b')])]),
      '[1,"b"]',
      'application/json',
    ],
  ])('whose body is %s is shown as that', (_, body, shown, contentType) => {
    const message = of({ body })
    expect(Buffer.from(message.body).toString()).toBe(shown)
    expect(message.contentType).toBe(contentType)
  })
})

describe('captures', () => {
  it('has an outcome for every message that the client of rabbit_basic sent and got', async () => {
    const { exchanges, messages, open } = await storyOf(capture('amqp10/rabbit_basic.pcap'))
    expect(open).toEqual([])
    // The client's own count: 16 accepted; 18 received, each of which it disposed of.
    const of = (kind: string) => exchanges.filter(exchange => exchange.kind === kind).map(({ outcome }) => outcome)
    expect(of('publish-confirm')).toEqual(Array.from({ length: 16 }, () => 'accepted'))
    expect(of('deliver-ack')).toHaveLength(18)
    expect(messages.filter(({ direction }) => direction === 'deliver')).toHaveLength(18)
  })

  it('tells what RabbitMQ refused in rabbit_errors', async () => {
    const { exchanges } = await storyOf(capture('amqp10/rabbit_errors.pcap'))
    const refused = exchanges.filter(({ kind, reply }) => kind === 'attach' && reply === 0)
    expect(refused.map(({ address, outcome }) => [address, outcome?.split(' ').slice(0, 3).join(' ')])).toEqual([
      ['/nonsense/x/y/z', 'session ended amqp:invalid-field'],
      ['/exchange/doesnotexist/x', 'session ended amqp:not-found'],
    ])
  })

  it('leaves nothing open in rhea_server, where every way to fail is tried', async () => {
    const { exchanges, open } = await storyOf(capture('amqp10/rhea_server.pcap'))
    expect(open).toEqual([])
    const failed = exchanges.filter(({ kind, ok }) => ok === false && kind !== 'publish-confirm')
    expect(failed.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
      'sasl auth',
      'attach amqp:not-found "no such node"',
      'attach amqp:unauthorized-access "not you"',
      'detach amqp:not-found "no such node"',
      'detach amqp:unauthorized-access "not you"',
      'detach amqp:link:redirect "go"',
      'end amqp:session:errant-link "session bye"',
      'close amqp:connection:forced "client forced"',
    ])
  })
})
