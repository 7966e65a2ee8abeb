import { describe, expect, it } from 'vitest'
import {
  type Amqp10Frame,
  AmqpMap,
  amqp10,
  Body,
  type Composite,
  type Message,
  Scalar,
} from '../../../codecs/amqp10/index.ts'
import type { Joined } from '../../../codecs/core/index.ts'
import { capture } from '../../filter/captures.ts'
import { found, foundIn } from '../../findings/found.ts'
import { context } from './support.ts'
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

/** What a rule has to say of a conversation. */
const says = (id: string, steps: readonly Step[], joined: Joined = 'start'): string[] =>
  found(amqp10, context, steps, joined)
    .filter(line => line.startsWith(`amqp10/${id} `))
    .map(line => line.slice(`amqp10/${id} `.length))
const ms = (time: number): Step => ({ ms: time })
const times = (count: number, of: (at: number) => Step[]): Step[] =>
  Array.from({ length: count }, (_, at) => of(at)).flat()

const header = (protocolId: number): Amqp10Frame => ({
  type: 'protocol-header',
  protocolId,
  major: 1,
  minor: 0,
  revision: 0,
})
const AMQP = header(0)
const SASL = header(3)
const open = (idleTimeOut?: number, more: object = {}): Amqp10Frame => ({
  type: 'open',
  channel: 0,
  containerId: 'here',
  idleTimeOut,
  ...more,
})
const close = (condition?: string, description?: string): Amqp10Frame => ({
  type: 'close',
  channel: 0,
  error: condition === undefined ? undefined : { condition, description },
})
const detach = (handle: number, condition?: string, description?: string): Amqp10Frame => ({
  type: 'detach',
  channel: 0,
  handle,
  closed: true,
  error: condition === undefined ? undefined : { condition, description },
})
const login = (user: string, password: string, code: number): Step[] => [
  client(SASL),
  server(SASL),
  client({ type: 'sasl-init', mechanism: 'PLAIN', initialResponse: text.encode(`\0${user}\0${password}`) }),
  server({ type: 'sasl-outcome', code }),
]
const content = (more: Partial<Message>): { message: Message } => ({
  message: { ...more, body: Body.data(text.encode('21.5')) },
})
const rejected = (condition: string, description?: string): { state: Composite } => ({
  state: { type: 'rejected', error: { condition, description } },
})

it('of a connection that does all well nothing is said', () => {
  const steps = [
    ...login('ann', 's3cret', 0),
    client(AMQP),
    server(AMQP),
    client(open(30_000)),
    server(open(30_000)),
    ...sending,
    server(flow(0, 10)),
    client(transfer(0, 0, content({ header: { durable: true } }))),
    server(disposition('receiver', 0)),
    client(detach(0)),
    server(detach(0)),
    client(end),
    server(end),
    client(close()),
    server(close()),
  ]
  expect(found(amqp10, context, steps)).toEqual([])
})

describe('connections', () => {
  it('auth-refused, default-credentials: by the outcome', () => {
    expect(says('auth-refused', login('ann', 'wrong', 1))).toEqual([
      'error: user "ann" (PLAIN) was refused: auth [3 4]',
    ])
    expect(says('auth-refused', login('ann', 'right', 0))).toEqual([])
    expect(says('default-credentials', login('guest', 'guest', 0))).toEqual([
      'warning: user "guest" was let in with a default password [3 4]',
    ])
    expect(says('default-credentials', login('guest', 'other', 0))).toEqual([])
    expect(says('default-credentials', login('guest', 'guest', 1))).toEqual([])
  })

  it('anonymous: as a mechanism, or without SASL', () => {
    const anonymous: Step[] = [
      client({ type: 'sasl-init', mechanism: 'ANONYMOUS' }),
      server({ type: 'sasl-outcome', code: 0 }),
    ]
    const opening = [client(AMQP), server(AMQP), client(open()), server(open())]
    expect(says('anonymous', [client(SASL), server(SASL), ...anonymous, ...opening])).toEqual([
      'warning: a client was let in as ANONYMOUS [3 4]',
    ])
    expect(says('anonymous', opening)).toEqual(['warning: a client was let in without SASL [4]'])
    expect(says('anonymous', [...login('ann', 'right', 0), ...opening])).toEqual([])
    expect(says('anonymous', opening, 'middle')).toEqual([])
  })

  it('idle-timeout-off: where neither asks', () => {
    expect(says('idle-timeout-off', [client(open()), server(open(0))])).toEqual([
      'warning: neither side asks for an idle timeout [1 2]',
    ])
    expect(says('idle-timeout-off', [client(open()), server(open(60_000))])).toEqual([])
  })

  it('idle-timeout-missed: silent for longer than the other allows', () => {
    const opening = [client(open(10_000)), server(open(30_000))]
    const beat: Amqp10Frame = { type: 'empty', channel: 0 }
    expect(says('idle-timeout-missed', [...opening, ms(20_000), client(beat), ms(5_000)])).toEqual([
      'warning: the server was silent for 25 s at the end, where the client allows 10 s [1]',
    ])
    expect(says('idle-timeout-missed', [...opening, ms(9_000), server(beat), client(beat), ms(9_000)])).toEqual([])
    expect(says('idle-timeout-missed', [...opening, client(close()), server(close()), ms(90_000)])).toEqual([])
  })

  it('max-frame-size-small', () => {
    expect(says('max-frame-size-small', [client(open(1, { maxFrameSize: 512 }))])).toEqual([
      'note: the client takes frames of no more than 512 bytes [1]',
    ])
    expect(says('max-frame-size-small', [client(open(1, { maxFrameSize: 65_536 })), server(open(1))])).toEqual([])
  })

  it('connection-error, session-error: with what was being attached', () => {
    expect(says('connection-error', [...sending, server(close('amqp:connection:forced', 'node\nis down'))])).toEqual([
      'error: the server ended the connection: amqp:connection:forced "node is down" [5]',
    ])
    expect(says('connection-error', [...sending, server(close())])).toEqual([])
    const failed: Amqp10Frame = { ...end, error: { condition: 'amqp:not-found' } } as Amqp10Frame
    expect(says('session-error', [...sending.slice(0, 3), server(failed)])).toEqual([
      'error: the server ended the session, as a link to orders was attached: amqp:not-found [3 4]',
    ])
    expect(says('session-error', [...sending, server(failed)])).toEqual([
      'error: the server ended the session: amqp:not-found [5]',
    ])
    expect(says('session-error', [...sending, client(end), server(end)])).toEqual([])
  })
})

describe('links', () => {
  /** A link from the client that the broker refuses [2.6.3]. */
  const refused = (handle: number, condition: string): Step[] => [
    client(attach(`out${handle}`, handle, 'sender', { target: at('orders') })),
    server(attach(`out${handle}`, handle, 'receiver', { target: undefined })),
    server(detach(handle, condition)),
    client(detach(handle)),
  ]

  it('link-error: once for each address and condition', () => {
    const steps = [...sending.slice(0, 2), ...refused(0, 'amqp:not-found'), ...refused(1, 'amqp:not-found')]
    expect(says('link-error', steps)).toEqual(['error: orders: amqp:not-found [5 6]'])
    expect(says('link-error', [...sending, client(detach(0)), server(detach(0))])).toEqual([])
  })

  it('detach-error-loop: the third time', () => {
    const failing = (count: number): Step[] => [
      ...sending.slice(0, 2),
      ...times(count, at => refused(at, 'amqp:link:stolen')),
    ]
    expect(says('detach-error-loop', failing(4))).toEqual([
      'error: orders failed 3 times with amqp:link:stolen [5 9 13]',
    ])
    expect(says('detach-error-loop', failing(2))).toEqual([])
  })

  it('link-per-message: twenty, one after the other', () => {
    const once = (at: number): Step[] => [
      client(attach(`out${at}`, 0, 'sender')),
      server(attach(`out${at}`, 0, 'receiver')),
      client(transfer(0, at, { settled: true })),
      client(detach(0)),
      server(detach(0)),
    ]
    const session = sending.slice(0, 2)
    expect(says('link-per-message', [...session, ...times(25, once)])).toEqual([
      'warning: 20 links were attached for 20 messages [3 8 13]',
    ])
    expect(says('link-per-message', [...session, ...times(19, once)])).toEqual([])
    // Many that are open at once, and all end at the end.
    const all = [
      ...times(30, at => [client(attach(`in${at}`, at, 'receiver')), server(attach(`in${at}`, at, 'sender'))]),
      server(transfer(0, 0, { settled: true })),
      ...times(30, at => [client(detach(at)), server(detach(at))]),
    ]
    expect(says('link-per-message', [...session, ...all])).toEqual([])
  })

  it('address-v1: a warning where RabbitMQ 4 is', () => {
    const rabbit = (version: string): Step =>
      server(
        open(60_000, {
          properties: AmqpMap.fields({
            product: Scalar.of('string', 'RabbitMQ'),
            version: Scalar.of('string', version),
          }),
        }),
      )
    const to = (address: string): Step => client(attach('out', 0, 'sender', { target: at(address) }))
    const session = sending.slice(0, 2)
    expect(says('address-v1', [rabbit('4.0.5'), ...session, to('/queue/orders')])).toEqual([
      'warning: /queue/orders is an address of format v1 [4]',
    ])
    expect(says('address-v1', [rabbit('3.13.7'), ...session, to('/exchange/x/key')])).toEqual([
      'note: /exchange/x/key is an address of format v1, which RabbitMQ 4 deprecates [4]',
    ])
    expect(says('address-v1', [rabbit('4.0.5'), ...session, to('/queues/orders')])).toEqual([])
    // Other brokers have addresses of their own.
    expect(says('address-v1', [...session, to('/queue/orders')])).toEqual([])
  })
})

describe('flow', () => {
  it('link-starving: a publisher without credit', () => {
    expect(says('link-starving', [...sending, ms(6_000), server(flow(0, 10))])).toEqual([
      'warning: the publisher to orders had no credit for 6 s [4 5]',
    ])
    const used = [...sending, server(flow(0, 1)), client(transfer(0, 0))]
    expect(says('link-starving', [...used, ms(7_000)])).toEqual([
      'warning: the publisher to orders had no credit for 7 s [6]',
    ])
    expect(says('link-starving', [...used, ms(4_000), server(flow(0, 10)), ms(60_000)])).toEqual([])
    // A link or a session that is gone starves no more.
    expect(says('link-starving', [...sending, client(detach(0)), server(detach(0)), ms(60_000)])).toEqual([])
    expect(says('link-starving', [...sending, client(end), server(end), ms(60_000)])).toEqual([])
  })

  it('link-starving: a consumer without credit, though messages wait', () => {
    const dry = [...receiving, client(flow(0, 1)), server(transfer(0, 0))]
    const waiting = server(flow(0, 0, { available: 3, deliveryCount: 1 }))
    expect(says('link-starving', [...dry, waiting, ms(8_000)])).toEqual([
      'warning: the consumer of events had no credit for 8 s, 3 messages available [6]',
    ])
    // It may want no more.
    expect(says('link-starving', [...dry, ms(60_000)])).toEqual([])
  })

  it('window-exhausted: for more than a second', () => {
    const session: Step[] = [client(begin(0)), server({ ...begin(0, 0), incomingWindow: 1 } as Amqp10Frame)]
    const shut = [...session, ...sending.slice(2), client(transfer(0, 0, { settled: true }))]
    expect(
      says('window-exhausted', [...shut, ms(2_000), server(flow(undefined, undefined, { nextIncomingId: 1 }))]),
    ).toEqual(['warning: the server’s window of ch=0 was 0 for 2 s [5 6]'])
    expect(
      says('window-exhausted', [
        ...shut,
        ms(500),
        server(flow(undefined, undefined, { nextIncomingId: 1 })),
        ms(9_000),
      ]),
    ).toEqual([])
  })

  it('unsettled-growth: a hundred wait, and none was settled for half a minute', () => {
    const more = (count: number): Step[] => times(count, at => [server(transfer(0, at))])
    const last = server(transfer(0, 100))
    expect(says('unsettled-growth', [...receiving, ...more(100), ms(31_000), last])).toEqual([
      'warning: 101 deliveries of ch=0 link=0 events wait, none settled for 31 s [105]',
    ])
    expect(says('unsettled-growth', [...receiving, ...more(100), ms(20_000), last])).toEqual([])
    const settled = client(disposition('receiver', 0))
    expect(says('unsettled-growth', [...receiving, ...more(100), ms(31_000), settled, last])).toEqual([])
  })
})

describe('deliveries', () => {
  const settled = (id: number, more: object): Step => server(disposition('receiver', id, more))

  it('message-rejected: by the broker an error, by a consumer a note', () => {
    expect(
      says('message-rejected', [
        ...sending,
        client(transfer(0, 0)),
        settled(0, rejected('amqp:resource-limit-exceeded', 'full')),
      ]),
    ).toEqual(['error: the broker rejected 1 message of orders: amqp:resource-limit-exceeded "full" [5 6]'])
    const poison = client(disposition('receiver', 0, rejected('app:poison')))
    expect(says('message-rejected', [...receiving, server(transfer(0, 0)), poison])).toEqual([
      'note: the client rejected 1 message of events: app:poison [5 6]',
    ])
    expect(says('message-rejected', [...sending, client(transfer(0, 0)), settled(0, {})])).toEqual([])
  })

  it('message-released: of what was published alone', () => {
    const released = { state: { type: 'released' } }
    const send = (id: number): Step[] => [client(transfer(0, id)), settled(id, released)]
    expect(says('message-released', [...sending, ...times(10, send)])).toEqual([
      'warning: the broker gave back 1 message of orders [5 6]',
      'warning: the broker gave back 10 messages of orders [5 6]',
    ])
    const back = client(disposition('receiver', 0, released as object))
    expect(says('message-released', [...receiving, server(transfer(0, 0)), back])).toEqual([])
  })

  it('settled-sends: a warning where they are durable', () => {
    const plain = client(transfer(0, 0, { settled: true }))
    const durable = client(transfer(0, 1, { settled: true, ...content({ header: { durable: true } }) }))
    expect(says('settled-sends', [...sending, plain])).toEqual(['note: 1 of 1 message sent settled [5]'])
    expect(says('settled-sends', [...sending, plain, durable])).toEqual([
      'warning: 2 of 2 messages sent settled, though they are durable [6]',
    ])
    expect(says('settled-sends', [...sending, client(transfer(0, 0))])).toEqual([])
    expect(says('settled-sends', [...receiving, server(transfer(0, 0, { settled: true }))])).toEqual([])
  })

  it('delivery-unsettled: named while it lasts, and at the end', () => {
    const waiting = [...receiving, server(transfer(0, 7)), server(transfer(0, 8))]
    expect(says('delivery-unsettled', [...waiting, ms(400_000), client({ type: 'empty', channel: 0 })])).toEqual([
      'warning: delivery 7 of events on ch=0 was not settled for 7 min [5]',
      'warning: delivery 7 of events on ch=0 was not settled for 7 min, and 1 other beside it [5]',
    ])
    expect(says('delivery-unsettled', [...waiting, ms(50_000)])).toEqual([])
    const done = client(disposition('receiver', 7, { last: 8 }))
    expect(says('delivery-unsettled', [...waiting, ms(50_000), done, ms(400_000)])).toEqual([])
    // What a broker does not answer is told of for all protocols alike.
    expect(says('delivery-unsettled', [...sending, client(transfer(0, 0)), ms(400_000)])).toEqual([])
  })

  it('redelivery-loop: a message that is released again and again, or that the broker says was', () => {
    const come = (id: number, deliveryCount: number, messageId?: string): Step => {
      const properties = messageId === undefined ? undefined : { messageId: Scalar.of('string', messageId) }
      return server(transfer(0, id, content({ header: { deliveryCount }, properties })))
    }
    const again = (id: number, messageId?: string): Step[] => [
      come(id, 0, messageId),
      client(disposition('receiver', id, { state: { type: 'released' } })),
    ]
    expect(says('redelivery-loop', [...receiving, ...times(6, id => again(id, 'm1'))])).toEqual([
      'error: message m1 of events failed 5 times [5 7 9 11 13]',
    ])
    // Without an identifier its body tells.
    expect(says('redelivery-loop', [...receiving, ...times(5, id => again(id))])).toEqual([
      'error: a message of events failed 5 times [5 7 9 11 13]',
    ])
    expect(says('redelivery-loop', [...receiving, come(0, 12)])).toEqual([
      'error: a message of events failed 12 times [5]',
    ])
    expect(says('redelivery-loop', [...receiving, ...times(6, id => again(id, `m${id}`))])).toEqual([])
    expect(says('redelivery-loop', [...receiving, ...times(6, id => [come(id, 0, 'm1')])])).toEqual([])
  })

  it('transaction-failed', () => {
    const coordinator = [
      ...sending.slice(0, 2),
      client(attach('txn', 0, 'sender', { target: { type: 'coordinator' } })),
      server(attach('txn', 0, 'receiver', { target: { type: 'coordinator' } })),
    ]
    const declare = client(transfer(0, 0, { message: { body: new Body('amqpValue', [{ type: 'declare' }]) } }))
    const txnId = Uint8Array.of(1)
    expect(says('transaction-failed', [...coordinator, declare, settled(0, rejected('amqp:not-implemented'))])).toEqual(
      ['error: transaction.declare failed (1 time): rejected amqp:not-implemented [5 6]'],
    )
    expect(
      says('transaction-failed', [...coordinator, declare, settled(0, { state: { type: 'declared', txnId } })]),
    ).toEqual([])
  })
})

describe('captures', () => {
  const errorsIn = async (name: string): Promise<string[]> => {
    const lines = await foundIn(capture(`amqp10/${name}.pcap`))
    return lines.filter(line => line.includes(' error: ')).map(line => line.split(' error: ')[0] as string)
  }

  it('shows each way to fail that rhea_server tries', async () => {
    expect(await errorsIn('rhea_server')).toEqual([
      'amqp10/auth-refused',
      'amqp10/message-rejected',
      'amqp10/link-error',
      'amqp10/link-error',
      'amqp10/link-error',
      'amqp10/session-error',
      'amqp10/connection-error',
    ])
  })

  it('shows what RabbitMQ refused in rabbit_errors', async () => {
    expect(await errorsIn('rabbit_errors')).toEqual([
      'amqp10/session-error',
      'amqp10/session-error',
      'amqp10/auth-refused',
    ])
  })
})
