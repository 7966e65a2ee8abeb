import { AMQPClient, type AMQPMessage } from '@cloudamqp/amqp-client'
import amqplib from 'amqplib'
import { expect } from 'vitest'
import { missing, watch } from './watch.ts'

/** amqplib at work through the proxy. */
export async function checkAmqplib(port: number): Promise<void> {
  const watched = await watch(port)
  const connection = await amqplib.connect(`amqp://guest:guest@127.0.0.1:${watched.port}`)
  const channel = await connection.createConfirmChannel()
  await channel.assertExchange('orders', 'topic', { durable: false })
  const { queue } = await channel.assertQueue('', { exclusive: true, arguments: { 'x-max-length': 10 } })
  await channel.bindQueue(queue, 'orders', 'eu.*')
  const big = Buffer.alloc(300_000, 'b')
  channel.publish('orders', 'eu.new', Buffer.from('first'), {
    messageId: 'm1',
    headers: { n: 1, nested: { a: [1, 'x'] } },
  })
  channel.publish('orders', 'eu.big', big)
  channel.publish('orders', 'eu.empty', Buffer.alloc(0))
  await channel.waitForConfirms()

  const got: Buffer[] = []
  await new Promise<void>(resolve => {
    void channel.consume(queue, message => {
      got.push(message!.content)
      channel.ack(message!)
      if (got.length === 3) resolve()
    })
  })
  expect(got.map(body => body.length)).toEqual([5, big.length, 0])
  expect(got[1]!.equals(big)).toBe(true)
  expect(await channel.get(queue)).toBe(false)
  await channel.close()
  await connection.close()
  await watched.end()

  expect(watched.wrong).toEqual([])
  const types = watched.types()
  const handshake = ['>protocol-header', '<connection.start', '>connection.start-ok', '<connection.tune']
  expect(types.slice(0, 4)).toEqual(handshake)
  const order = [
    ...['>connection.tune-ok', '>connection.open', '<connection.open-ok', '>channel.open', '<channel.open-ok'],
    ...['>confirm.select', '<confirm.select-ok', '>exchange.declare', '<exchange.declare-ok'],
    ...['>queue.declare', '<queue.declare-ok', '>queue.bind', '<queue.bind-ok'],
    ...['>basic.publish', '>header', '>body', '>basic.publish', '>header', '>body', '>body', '>body'],
    ...['>basic.publish', '>header', '<basic.ack', '>basic.consume', '<basic.consume-ok'],
    ...['<basic.deliver', '<header', '<body', '>basic.ack', '>basic.get', '<basic.get-empty'],
    ...['>channel.close', '<channel.close-ok', '>connection.close', '<connection.close-ok'],
  ]
  expect(missing(types, order)).toBeUndefined()
  expect(watched.find('basic.publish').map(({ fields }) => fields.routingKey)).toEqual(['eu.new', 'eu.big', 'eu.empty'])
  expect(watched.find('connection.start-ok')[0]!.fields.response).toBe('***')
  const bodies = watched.find('body').filter(({ from }) => from === 'server')
  expect(bodies.length).toBeGreaterThanOrEqual(4)
  expect(watched.flows[0]!.facts.server.product).toMatch(/^RabbitMQ \d/)
}

/** @cloudamqp/amqp-client at work through the proxy. */
export async function checkCloudamqp(port: number): Promise<void> {
  const watched = await watch(port)
  const client = new AMQPClient(`amqp://guest:guest@127.0.0.1:${watched.port}`)
  const connection = await client.connect()
  const channel = await connection.channel()
  await channel.confirmSelect()
  const queue = await channel.queueDeclare('', { exclusive: true })
  for (let at = 0; at < 50; at++) await channel.basicPublish('', queue.name, `message ${at}`, { deliveryMode: 2 })
  const got: string[] = []
  await new Promise<void>((resolve, reject) => {
    const take = (message: AMQPMessage): void => {
      got.push(message.bodyString() ?? '')
      void message.ack()
      if (got.length === 50) resolve()
    }
    channel.basicConsume(queue.name, { noAck: false }, take).catch(reject)
  })
  expect(got).toEqual(Array.from({ length: 50 }, (_, at) => `message ${at}`))
  await connection.close()
  await watched.end()

  expect(watched.wrong).toEqual([])
  for (const type of ['basic.publish', 'basic.deliver']) expect(watched.find(type)).toHaveLength(50)
  const acks = watched.find('basic.ack').filter(({ from }) => from === 'client')
  expect(acks.map(({ fields }) => fields.deliveryTag)).toEqual(Array.from({ length: 50 }, (_, at) => String(at + 1)))
  expect(
    missing(watched.types(), ['>confirm.select', '<basic.ack', '<basic.deliver', '>connection.close']),
  ).toBeUndefined()
}

/** A broker's refusal reaches the client, and is shown. */
export async function checkAmqpRefusals(port: number): Promise<void> {
  const watched = await watch(port)
  await expect(amqplib.connect(`amqp://guest:wrong@127.0.0.1:${watched.port}`)).rejects.toThrow(/ACCESS_REFUSED|403/)
  await watched.end()
  expect(watched.find('connection.close')[0]).toMatchObject({ from: 'server', fields: { replyCode: 403 } })

  const other = await watch(port)
  const connection = await amqplib.connect(`amqp://guest:guest@127.0.0.1:${other.port}`)
  const channel = await connection.createChannel()
  channel.on('error', () => {})
  await expect(channel.checkQueue('no-such-queue')).rejects.toThrow(/NOT_FOUND/)
  await connection.close()
  await other.end()
  expect(other.find('channel.close')[0]).toMatchObject({ from: 'server', fields: { replyCode: 404 } })
  expect(other.wrong).toEqual([])
}
