import { once } from 'node:events'
import { createRequire } from 'node:module'
import rhea, { type Connection, type ConnectionOptions, type Container, type EventContext, type Message } from 'rhea'
import { expect } from 'vitest'
import { WebSocket } from 'ws'
import { missing, type Watched, watch } from './watch.ts'

export interface Amqp10Options {
  readonly username: string
  readonly password: string
  /** A node that nobody else uses. */
  readonly address: string
  /** The way in, where it is not TCP. */
  readonly path?: string
}

/** rhea's declaration of it wants more than it takes. */
const webSocketTo = (url: string) =>
  rhea.websocket_connect(WebSocket as never)(url, ['amqp'], {}) as unknown as NonNullable<
    ConnectionOptions['connection_details']
  >

const options = (port: number, { username, password, path }: Amqp10Options): ConnectionOptions => ({
  host: '127.0.0.1',
  port,
  // AMQP's WebSocket binding: subprotocol `amqp`, binary frames that need not fit AMQP's.
  ...(path === undefined ? {} : { connection_details: webSocketTo(`ws://127.0.0.1:${port}${path}`) }),
  username,
  password,
  reconnect: false,
})

/** Hears of whatever is refused or broken, and of a peer that leaves. */
function refused(container: Container, hear: (error: unknown) => void): void {
  for (const event of ['session_error', 'sender_error', 'receiver_error', 'connection_error', 'disconnected']) {
    container.on(event, ({ connection, error }: EventContext) => hear(error ?? connection.error ?? new Error(event)))
  }
}

const big = Buffer.alloc(300_000, 'b')

/** rhea at work: what any broker must let it do. */
export async function workRhea(port: number, how: Amqp10Options): Promise<void> {
  const container = rhea.create_container({ id: 'interop' })
  const connection = container.connect(options(port, how))
  const got: Message[] = []
  const all = new Promise<void>((resolve, reject) => {
    container.on('message', ({ message, delivery }: EventContext) => {
      got.push(message!)
      const last = got.length === 3
      // Each in a turn of its own: rhea makes one range of what is settled together, also where the outcomes differ.
      setImmediate(() => {
        if (last) delivery!.reject({ condition: 'app:unwanted', description: 'not this one' })
        else delivery!.accept()
        if (last) resolve()
      })
    })
    refused(container, reject)
  })
  const source = { address: how.address, capabilities: ['queue'] }
  const receiver = connection.open_receiver({ source, autoaccept: false })
  await Promise.race([once(receiver, 'receiver_open'), all])
  const sender = connection.open_sender({ target: { address: how.address, capabilities: ['queue'] } })
  await Promise.race([once(sender, 'sendable'), all])
  const accepted = new Promise<void>(resolve => {
    let count = 0
    container.on('accepted', () => ++count === 3 && resolve())
  })
  sender.send({
    body: 'first',
    message_id: 'm1',
    subject: 'eu.new',
    content_type: 'text/plain',
    application_properties: { text: 'x', yes: true },
  })
  sender.send({ body: rhea.message.data_section(big), message_id: 'm2' })
  sender.send({ body: 'third', message_id: 'm3', durable: true })
  await Promise.all([all, accepted])
  await closed(connection)
  expect(got.map(({ message_id }) => message_id)).toEqual(['m1', 'm2', 'm3'])
  expect(got[0]).toMatchObject({ body: 'first', subject: 'eu.new', application_properties: { text: 'x', yes: true } })
  expect((got[1]!.body as { content: Buffer }).content.equals(big)).toBe(true)
}

const REQUESTS = 5

/** A service that answers to wherever it is told, and who asks it, with bodies that take several frames. */
export async function askAndAnswer(port: number, how: Amqp10Options): Promise<void> {
  const [service, asker] = ['service', 'asker'].map(id => rhea.create_container({ id })) as [Container, Container]
  const failed = new Promise<never>((_, reject) => {
    for (const container of [service, asker]) refused(container, reject)
  })
  await Promise.race([
    failed,
    serveAndAsk(service.connect(options(port, how)), () => asker.connect(options(port, how)), how),
  ])
}

async function serveAndAsk(service: Connection, ask: () => Connection, { address }: Amqp10Options): Promise<void> {
  service.open_receiver({ source: { address, capabilities: ['queue'] } })
  const answers = service.open_sender({ target: {} })
  service.on('message', ({ message }: EventContext) => {
    const { reply_to, correlation_id, body } = message!
    answers.send({ to: reply_to!, correlation_id: correlation_id!, body })
  })
  await once(answers, 'sendable')
  const asker = ask()
  const replies = asker.open_receiver({ source: { address: '', dynamic: true } })
  const questions = asker.open_sender({ target: { address, capabilities: ['queue'] } })
  await Promise.all([once(replies, 'receiver_open'), once(questions, 'sendable')])
  for (let count = 0; count < REQUESTS; count++) {
    const reply = once(asker, 'message')
    const { address: reply_to } = replies.source as { address: string }
    const body = `${count} `.repeat(count * 50_000)
    questions.send({ to: address, reply_to, correlation_id: String(count), body })
    const [{ message }] = (await reply) as [EventContext]
    expect(message!.correlation_id).toBe(String(count))
    expect(message!.body === body).toBe(true)
  }
  // The last answer is settled before either closes.
  await new Promise(resolve => setImmediate(resolve))
  await Promise.all([closed(asker), closed(service)])
}

/** rhea at work through the proxy, and what must be shown of it. */
export async function checkRhea(port: number, how: Amqp10Options): Promise<void> {
  const watched = await watch(port)
  await workRhea(watched.port, how)
  await watched.end()

  checkHandshake(watched, how)
  const sent = watched.find('transfer').filter(({ from }) => from === 'client')
  const received = watched.find('transfer').filter(({ from }) => from === 'server')
  // The large one takes several frames, where the receiver of it limits them.
  for (const transfers of [sent, received]) {
    const whole = transfers.filter(({ fields }) => fields.more !== true)
    expect(whole).toHaveLength(3)
    const first = transfers[0]!.fields.message as Record<string, unknown>
    expect(first).toMatchObject({ properties: { messageId: 'm1', subject: 'eu.new' }, body: 'first' })
    expect(first.applicationProperties).toMatchObject({ text: 'x', yes: true })
  }
  const states = watched.find('disposition').map(({ from, fields }) => [from, fields.state])
  expect(states.filter(([from]) => from === 'client')).toMatchObject([
    ['client', { type: 'accepted' }],
    ['client', { type: 'accepted' }],
    ['client', { type: 'rejected', error: { condition: 'app:unwanted', description: 'not this one' } }],
  ])
  expect(states.some(([from]) => from === 'server')).toBe(true)
  expect(watched.find('attach').map(({ from, fields }) => `${from} ${fields.role}`)).toEqual([
    'client receiver',
    'server sender',
    'client sender',
    'server receiver',
  ])
}

async function closed(connection: Connection): Promise<void> {
  connection.container.removeAllListeners('disconnected')
  const closing = once(connection, 'connection_close')
  const left = new Promise<never>((_, reject) => {
    connection.container.on('disconnected', () => reject(new Error('it left without its close')))
  })
  connection.close()
  await Promise.race([closing, left])
}

/** What every connection begins and ends with. */
function checkHandshake(watched: Watched, { username, password, path }: Amqp10Options): void {
  expect(watched.wrong).toEqual([])
  const types = watched.types()
  // Each side in its order: clients do not wait for the answer before they go on.
  const client = ['>protocol-header', '>sasl-init', '>protocol-header', '>open', '>begin', '>attach', '>transfer']
  const server = ['<protocol-header', '<sasl-mechanisms', '<sasl-outcome', '<protocol-header', '<open', '<begin']
  expect(missing(types, [...client, '>close'])).toBeUndefined()
  expect(missing(types, [...server, '<attach', '<transfer', '<close'])).toBeUndefined()
  expect(watched.find('sasl-init')[0]!.fields).toMatchObject({ mechanism: 'PLAIN', initialResponse: '***' })
  expect(JSON.stringify(watched.frames)).not.toContain(`\\u0000${username}\\u0000${password}`)
  expect(watched.find('sasl-outcome')[0]!.fields.code).toBe(0)
  expect(watched.find('protocol-header').map(({ fields }) => fields.protocolId)).toEqual(
    expect.arrayContaining([3, 3, 0, 0]),
  )
  expect(watched.flows.map(({ codec }) => codec?.id)).toEqual(['amqp10'])
  const carried = watched.flows[0]!.carriers.map(({ name, subprotocol }) => `${name} ${subprotocol}`)
  expect(carried).toEqual(path === undefined ? [] : ['WebSocket amqp'])
}

/** A broker's refusal reaches the client, and is shown. */
export async function checkRheaRefusals(port: number, how: Amqp10Options): Promise<void> {
  const unknown = await watch(port)
  const container = rhea.create_container({ id: 'interop' })
  const connection = container.connect(options(unknown.port, how))
  connection.open_receiver({ source: how.address })
  const error = await new Promise<{ condition?: string }>(resolve => {
    container.on('session_error', ({ session }: EventContext) => resolve(session!.error as { condition?: string }))
  })
  await closed(connection)
  await unknown.end()
  expect(unknown.wrong).toEqual([])
  expect(unknown.find('end')[0]).toMatchObject({ from: 'server', fields: { error: { condition: error.condition } } })

  const stranger = await watch(port)
  const refused = rhea.create_container({ id: 'interop' })
  refused.on('disconnected', () => {})
  const over = once(refused, 'disconnected')
  let condition: string | undefined
  refused.on('connection_error', ({ error }: EventContext) => {
    condition = (error as { condition?: string } | undefined)?.condition
  })
  refused.connect(options(stranger.port, { ...how, password: 'wrong' }))
  await over
  await stranger.end()
  expect(condition).toBe('amqp:unauthorized-access')
  expect(stranger.wrong).toEqual([])
  expect(stranger.find('sasl-outcome')[0]).toMatchObject({ from: 'server', fields: { code: 1 } })
}

interface OldClient {
  connect(url: string): Promise<void>
  createReceiver(address: string): Promise<{ on(event: 'message', take: (message: { body: unknown }) => void): void }>
  createSender(address: string): Promise<{ send(message: object): Promise<unknown> }>
  disconnect(): Promise<void>
}

/** amqp10, unmaintained. */
export async function checkAmqp10(port: number, how: Amqp10Options): Promise<void> {
  const { Client, Policy } = createRequire(import.meta.url)('amqp10') as {
    Client: new (policy: unknown) => OldClient
    Policy: { merge(overrides: object): unknown }
  }
  const watched = await watch(port)
  const client = new Client(Policy.merge({ reconnect: null, defaultSubjects: false }))
  await client.connect(`amqp://${how.username}:${how.password}@127.0.0.1:${watched.port}`)
  const receiver = await client.createReceiver(how.address)
  const got: unknown[] = []
  const all = new Promise<void>(resolve => {
    receiver.on('message', ({ body }) => {
      got.push(body)
      if (got.length === 10) resolve()
    })
  })
  const sender = await client.createSender(how.address)
  for (let at = 0; at < 10; at++) {
    await sender.send({
      properties: { messageId: `m${at}` },
      applicationProperties: { at: 'x' },
      body: `message ${at}`,
    })
  }
  await all
  await client.disconnect()
  await watched.end()
  expect(got).toEqual(Array.from({ length: 10 }, (_, at) => `message ${at}`))

  checkHandshake(watched, how)
  for (const side of ['client', 'server']) {
    const messages = watched.find('transfer').filter(({ from }) => from === side)
    expect(messages.map(({ fields }) => (fields.message as { properties: object }).properties)).toMatchObject(
      got.map((_, at) => ({ messageId: `m${at}` })),
    )
  }
}
