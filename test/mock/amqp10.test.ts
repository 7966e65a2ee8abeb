import { expect, test } from 'vitest'
import { type Amqp10Frame, amqp10, Body, Scalar, type Transfer } from '../../codecs/amqp10/index.ts'
import { context } from '../codecs/amqp10/support.ts'
import { at, attach, begin, disposition, flow, type Step, text, transfer } from '../codecs/amqp10/talk.ts'
import { type Client, type Recorded, type TheatreOptions, theatre } from './theatre.ts'

const play = (recorded: Recorded<Amqp10Frame>, options?: TheatreOptions) => theatre(amqp10, context, recorded, options)
const on = (connection: number, ...steps: readonly Step[]): Recorded<Amqp10Frame> =>
  steps.map(step => [connection, step])

const header = (protocolId: number): Amqp10Frame => ({
  type: 'protocol-header',
  protocolId,
  major: 1,
  minor: 0,
  revision: 0,
})
const plain = (user: string): Amqp10Frame => ({
  type: 'sasl-init',
  mechanism: 'PLAIN',
  initialResponse: text.encode(`\0${user}\0${user}`),
})
const openOf = (containerId: string, more: object = {}): Amqp10Frame => ({
  type: 'open',
  channel: 0,
  containerId,
  ...more,
})
const close: Amqp10Frame = { type: 'close', channel: 0 }
const detach = (handle: number): Amqp10Frame => ({ type: 'detach', channel: 0, handle, closed: true })

/** Logs in, opens and begins; the server numbers its channels otherwise. */
const opening = (connection: number, user = 'guest'): Recorded<Amqp10Frame> =>
  on(
    connection,
    { client: header(3) },
    { server: header(3) },
    { server: { type: 'sasl-mechanisms', saslServerMechanisms: ['PLAIN'] } },
    { client: plain(user) },
    { server: { type: 'sasl-outcome', code: 0 } },
    { client: header(0) },
    { server: header(0) },
    { client: openOf(user) },
    { server: openOf('then', { maxFrameSize: 4096 }) },
    { client: begin(0) },
    { server: { ...begin(9, 0), nextOutgoingId: 70 } as Amqp10Frame },
  )

async function open(client: Client, user = 'guest', channel = 2, more: object = {}): Promise<void> {
  client.say(header(3))
  expect(await client.hear(2)).toMatchObject([{ protocolId: 3 }, { saslServerMechanisms: ['PLAIN'] }])
  client.say(plain(user))
  expect(await client.hear()).toMatchObject([{ type: 'sasl-outcome', code: 0 }])
  client.say(header(0), openOf(user, more), begin(channel))
  expect(await client.hear(3)).toMatchObject([
    { protocolId: 0 },
    { type: 'open', containerId: 'then' },
    { type: 'begin', channel, remoteChannel: channel },
  ])
}

const server = (frame: Amqp10Frame): Step => ({ server: { ...frame, channel: 9 } as Amqp10Frame })
const message = (body: string, properties: object = {}) => ({ properties, body: Body.data(text.encode(body)) })
const bodyOf = ({ message: sent }: Transfer): string => {
  const { body } = (sent as unknown as { value: { body: Body } }).value
  return new TextDecoder().decode((body.sections[0] as Scalar).value as Uint8Array)
}
const propertiesOf = ({ message: sent }: Transfer): Record<string, { value: unknown }> =>
  (sent as unknown as { value: { properties: never } }).value.properties

/** A link that the client receives over, whose handle the server calls 5, and this many messages. */
const receiving = (connection: number, ...bodies: readonly string[]): Recorded<Amqp10Frame> =>
  on(
    connection,
    { client: attach('then', 0, 'receiver', { source: at('events') }) },
    server(attach('then', 5, 'sender', { source: at('events') })),
    { client: flow(0, 10) },
    ...bodies.map((body, id) => server(transfer(5, 70 + id, { message: message(body) }))),
  )
const sending = (connection: number, credit = 10): Recorded<Amqp10Frame> =>
  on(
    connection,
    { client: attach('then', 0, 'sender', { target: at('orders') }) },
    server(attach('then', 5, 'receiver', { target: at('orders') })),
    server(flow(5, credit)),
  )

test('deliveries have this channel, this handle and ids of their own', async () => {
  const recorded = [
    ...opening(1),
    ...receiving(1, 'one', 'two'),
    ...on(1, { client: disposition('receiver', 70, { last: 71 }) }),
  ]
  const { client, deviations } = await play(recorded)
  const c = await client()
  await open(c)
  c.say({ ...attach('now', 4, 'receiver', { source: at('events') }), channel: 2 }, { ...flow(4, 10), channel: 2 })
  const heard = await c.hear(3)
  expect(heard).toMatchObject([
    { type: 'attach', channel: 2, handle: 4, name: 'now', role: 'sender', source: { address: 'events' } },
    { type: 'transfer', channel: 2, handle: 4, deliveryId: 70 },
    { type: 'transfer', channel: 2, handle: 4, deliveryId: 71 },
  ])
  expect(heard.slice(1).map(bodyOf)).toEqual(['one', 'two'])
  // One by one, where both at once were settled then.
  for (const id of [70, 71]) c.say({ ...disposition('receiver', id), channel: 2 })
  c.say(close)
  expect(await c.hear()).toEqual([expect.objectContaining({ type: 'close' })])
  await c.left
  await c.leave()
  expect(await deviations()).toEqual([])
})

test('no more is delivered than there is credit, and room in the session [2.5.6, 2.6.7]', async () => {
  const { client } = await play([...opening(1), ...receiving(1, 'one', 'two', 'three', 'four')])
  const c = await client()
  await open(c)
  const link = { ...attach('now', 0, 'receiver', { source: at('events') }), channel: 2 }
  c.say(link, { ...flow(0, 1, { incomingWindow: 100, nextIncomingId: 70 }), channel: 2 })
  expect((await c.hear(2)).slice(1).map(bodyOf)).toEqual(['one'])
  const echo = async (): Promise<void> => {
    c.say({ ...flow(undefined, undefined, { echo: true, nextIncomingId: 71, incomingWindow: 1 }), channel: 2 })
    expect(await c.hear()).toMatchObject([{ type: 'flow' }])
  }
  await echo()
  c.say({ ...flow(0, 10, { deliveryCount: 1, nextIncomingId: 71, incomingWindow: 1 }), channel: 2 })
  expect((await c.hear()).map(bodyOf)).toEqual(['two'])
  c.say({ ...flow(undefined, undefined, { nextIncomingId: 72, incomingWindow: 5 }), channel: 2 })
  expect((await c.hear(2)).map(bodyOf)).toEqual(['three', 'four'])
})

test('what is sent is settled as it was then, by its own id, and credit is given again', async () => {
  const rejected = { type: 'rejected', error: { condition: 'app:bad' } } as const
  const recorded = [
    ...opening(1),
    ...sending(1, 2),
    ...on(
      1,
      { client: transfer(0, 0, { message: message('good') }) },
      { client: transfer(0, 1, { message: message('bad') }) },
      server(disposition('receiver', 0)),
      server(disposition('receiver', 1, { state: rejected })),
    ),
  ]
  const { client, deviations } = await play(recorded)
  const c = await client()
  await open(c)
  c.say({ ...attach('now', 3, 'sender', { target: at('orders') }), channel: 2 })
  expect(await c.hear(2)).toMatchObject([
    { type: 'attach', handle: 3, role: 'receiver', target: { address: 'orders' } },
    { type: 'flow', handle: 3, deliveryCount: 0, linkCredit: 2 },
  ])
  c.say({ ...transfer(3, 40, { message: message('bad') }), channel: 2 })
  expect(await c.hear(2)).toMatchObject([
    { type: 'flow', handle: 3, deliveryCount: 1, linkCredit: 2 },
    { type: 'disposition', channel: 2, first: 40, state: { type: 'rejected' } },
  ])
  c.say({ ...transfer(3, 41, { more: true, payload: text.encode('x') }), channel: 2 })
  c.say({ ...transfer(3, undefined, { payload: text.encode('y') }), channel: 2 })
  expect(await c.hear(2)).toMatchObject([{ type: 'flow' }, { first: 41, state: { type: 'accepted' } }])
  c.say({ ...detach(3), channel: 2 }, { type: 'end', channel: 2 })
  expect(await c.hear(2)).toMatchObject([
    { type: 'detach', channel: 2, handle: 3 },
    { type: 'end', channel: 2 },
  ])
  await c.leave()
  expect(await deviations()).toEqual([])
})

test('what is sent now is what is delivered, as this client takes it; a reply is to the request of now', async () => {
  const recorded = [
    ...opening(1),
    ...on(
      1,
      { client: attach('replies', 1, 'receiver', { source: { dynamic: true } }) },
      server(attach('replies', 6, 'sender', { source: at('made-up-then') })),
      { client: flow(1, 10) },
    ),
    ...sending(1),
    ...on(
      1,
      {
        client: transfer(0, 0, {
          message: message('question then', { messageId: Scalar.of('string', 'q-then'), replyTo: 'made-up-then' }),
        }),
      },
      server(disposition('receiver', 0)),
      server(
        transfer(6, 70, {
          message: message('answer', { to: 'made-up-then', correlationId: Scalar.of('string', 'q-then') }),
        }),
      ),
      server(transfer(6, 71, { message: { header: { deliveryCount: 0 }, ...message('question then') } })),
    ),
  ]
  const { client, deviations } = await play(recorded, { loop: true })
  const made: string[] = []
  for (let run = 0; run < 2; run++) {
    const c = await client()
    await open(c, 'guest', 2, { maxFrameSize: 512 })
    c.say({ ...attach('r', 1, 'receiver', { source: { dynamic: true } }), channel: 2 }, { ...flow(1, 10), channel: 2 })
    c.say({ ...attach('s', 0, 'sender', { target: at('orders') }), channel: 2 })
    const [{ source }] = await c.hear(3)
    made.push(source.address)
    const properties = { messageId: Scalar.of('string', `q-${run}`), replyTo: source.address }
    c.say({ ...transfer(0, 0, { message: message('z'.repeat(600), properties) }), channel: 2 })
    const [, answer, ...parts] = await c.hear(4)
    expect(bodyOf(answer)).toBe('answer')
    expect(propertiesOf(answer)).toMatchObject({ to: source.address, correlationId: { value: `q-${run}` } })
    expect(parts.map(({ more, deliveryId }) => [more ?? false, deliveryId])).toEqual([
      [true, 71],
      [false, undefined],
    ])
    await c.leave()
  }
  expect(made[0]).toBe('made-up-then')
  expect(made[1]).toMatch(/^made-up-then-/)
  expect(await deviations()).toEqual([])
})

test('what was given back comes again after it is given back', async () => {
  const again = { header: { firstAcquirer: false }, ...message('once') }
  const recorded = [
    ...opening(1),
    ...receiving(1, 'once'),
    ...on(
      1,
      { client: disposition('receiver', 70, { state: { type: 'released' } }) },
      server(transfer(5, 71, { message: again })),
      { client: disposition('receiver', 71) },
    ),
  ]
  const { client, deviations } = await play(recorded)
  const c = await client()
  await open(c)
  c.say({ ...attach('now', 0, 'receiver', { source: at('events') }), channel: 2 }, { ...flow(0, 10), channel: 2 })
  await c.hear(2)
  expect(c.rest).toEqual([])
  c.say({ ...disposition('receiver', 70, { state: { type: 'released' } }), channel: 2 })
  expect((await c.hear()).map(bodyOf)).toEqual(['once'])
  // A receiver that settles second is told that its sender did.
  c.say({ ...disposition('receiver', 71, { settled: false }), channel: 2 })
  expect(await c.hear()).toMatchObject([{ type: 'disposition', role: 'sender', first: 71, settled: true }])
  await c.leave()
  expect(await deviations()).toEqual([])
})

test('a link that was refused is refused again, and one that is drained says so', async () => {
  const recorded = [
    ...opening(1),
    ...on(
      1,
      { client: attach('none', 0, 'receiver', { source: at('nowhere') }) },
      server(attach('none', 4, 'sender', { source: undefined })),
      server({ ...detach(4), error: { condition: 'amqp:not-found' } } as Amqp10Frame),
      { client: detach(0) },
    ),
    ...receiving(1, 'only'),
    ...on(1, { client: flow(0, 10, { drain: true }) }, server(flow(5, 0, { deliveryCount: 10, drain: true }))),
  ]
  const { client, deviations } = await play(recorded)
  const c = await client()
  await open(c)
  c.say({ ...attach('x', 8, 'receiver', { source: at('nowhere') }), channel: 2 }, { ...flow(8, 10), channel: 2 })
  expect(await c.hear(2)).toMatchObject([
    { type: 'attach', handle: 8, name: 'x', role: 'sender' },
    { type: 'detach', handle: 8, error: { condition: 'amqp:not-found' } },
  ])
  c.say({ ...detach(8), channel: 2 }, { ...attach('y', 8, 'receiver', { source: at('events') }), channel: 2 })
  c.say({ ...flow(8, 10, { drain: true }), channel: 2 })
  expect(await c.hear(3)).toMatchObject([
    { type: 'attach', name: 'y' },
    { type: 'transfer', handle: 8 },
    { type: 'flow', handle: 8, deliveryCount: 10, linkCredit: 0, drain: true },
  ])
  await c.leave()
  expect(await deviations()).toEqual([])
})

test('what is not recorded is answered as a server would, and told', async () => {
  const { client, deviations } = await play(opening(1))
  const c = await client()
  await open(c)
  c.say({ ...attach('s', 0, 'sender', { target: at('other') }), channel: 2 })
  expect(await c.hear(2)).toMatchObject([
    { type: 'attach', role: 'receiver', target: { address: 'other' } },
    { type: 'flow', linkCredit: 1000 },
  ])
  c.say({ ...transfer(0, 7), channel: 2 })
  expect(await c.hear()).toMatchObject([{ type: 'disposition', first: 7, state: { type: 'accepted' } }])
  c.say({ ...detach(0), channel: 2 })
  expect(await c.hear()).toMatchObject([{ type: 'detach' }])
  await c.leave()
  expect(await deviations()).toEqual(['attach other: unknown', 'transfer other: unknown'])
})

test('with strict, it is refused, and what the client said before it heard so is not looked at [2.6.3]', async () => {
  const { client, deviations } = await play(opening(1), { strict: true })
  const c = await client()
  await open(c)
  c.say({ ...attach('s', 0, 'sender', { target: at('other') }), channel: 2 })
  const [answer, refusal] = await c.hear(2)
  expect(answer).toMatchObject({ type: 'attach', role: 'receiver' })
  expect(answer.target).toBeUndefined()
  expect(refusal).toMatchObject({ type: 'detach', handle: 0, error: { condition: 'amqp:not-allowed' } })
  c.say({ ...transfer(0, 0), channel: 2 }, { ...detach(0), channel: 2 }, { type: 'end', channel: 2 })
  expect(await c.hear()).toMatchObject([{ type: 'end', channel: 2 }])
  await c.leave()
  expect(await deviations()).toEqual(['attach other: unknown'])
})

test('each is played the connection of its user, whatever its password', async () => {
  const recorded = [...opening(1, 'ann'), ...receiving(1, 'for ann'), ...opening(2, 'bob'), ...receiving(2, 'for bob')]
  const { client, deviations } = await play(recorded)
  for (const user of ['bob', 'ann']) {
    const c = await client()
    await open(c, user)
    c.say({ ...attach('r', 0, 'receiver', { source: at('events') }), channel: 2 }, { ...flow(0, 10), channel: 2 })
    expect((await c.hear(2)).slice(1).map(bodyOf)).toEqual([`for ${user}`])
    await c.leave()
  }
  expect(await deviations()).toEqual([])
})

test('a server that went on as soon as it knew the client does so again [2.4.1]', async () => {
  const recorded = on(
    1,
    { client: header(3) },
    { server: header(3) },
    { server: { type: 'sasl-mechanisms', saslServerMechanisms: ['PLAIN'] } },
    { client: plain('guest') },
    { server: { type: 'sasl-outcome', code: 0 } },
    { server: header(0) },
    { server: openOf('then') },
    { client: header(0) },
    { client: openOf('guest') },
  )
  const { client, deviations } = await play(recorded, { strict: true })
  const c = await client()
  c.say(header(3))
  await c.hear(2)
  c.say(plain('guest'))
  expect(await c.hear(3)).toMatchObject([{ code: 0 }, { protocolId: 0 }, { type: 'open', containerId: 'then' }])
  c.say(header(0), openOf('guest'), close)
  expect(await c.hear()).toMatchObject([{ type: 'close' }])
  await c.leave()
  expect(await deviations()).toEqual([])
})

test("keep-alives are the mock's own [2.4.5]", async () => {
  const { client } = await play(opening(1))
  const c = await client()
  await open(c, 'guest', 2, { idleTimeOut: 200 })
  c.say({ type: 'empty', channel: 0 })
  expect(await c.hear()).toMatchObject([{ type: 'empty' }])
})
