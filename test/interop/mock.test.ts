import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import amqplib from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Counts, counts, running } from '../mock/running.ts'
import { recordingPath } from '../recording/record.ts'
import { checkAmqplib, checkAmqpRefusals, checkCloudamqp } from './amqp091-client.ts'
import { type Broker, isMissing, mosquitto, rabbitmq, run } from './brokers.ts'
import { checkMqtt } from './mqtt-client.ts'
import { checkStomp, checkStompError } from './stomp-client.ts'

/** What a client does is recorded with a real broker, and done once more without one. */
async function twice<T>(
  broker: Pick<Broker, 'port'>,
  client: (port: number) => Promise<T>,
  ...flags: readonly string[]
) {
  const path = await recordingPath()
  const proxy = await running('record', `127.0.0.1:0=127.0.0.1:${broker.port}`, '-w', path)
  const then = await client(proxy.port)
  await proxy.stop()
  const mock = await running('mock', path, '--listen', ':0', '--json', '--once', ...flags)
  const now = await client(mock.port)
  const ended = await mock.ended
  expect(ended.code).toBe(0)
  return { all: counts(ended), results: [then, now] }
}

/** Nothing went otherwise than it was recorded. */
function expectSame(all: Counts, some: Readonly<Record<string, number>>): void {
  for (const [kind, [, ...otherwise]] of Object.entries(all)) {
    expect({ kind, otherwise }).toEqual({ kind, otherwise: [0, 0, 0] })
  }
  expect(Object.fromEntries(Object.keys(some).map(kind => [kind, all[kind]?.[0]]))).toEqual(some)
}

describe.skipIf(isMissing('mosquitto'))('recorded with Mosquitto (skipped where it is not installed)', () => {
  let broker: Awaited<ReturnType<typeof mosquitto>>

  beforeAll(async () => {
    broker = await mosquitto()
  })

  afterAll(() => broker?.stop())

  test.each([4, 5] as const)('MQTT.js at work, version %i', async version => {
    const { all } = await twice(broker, port => checkMqtt(port, version))
    expectSame(all, {
      ...{ connection: 2, connect: 2, subscribe: 1, unsubscribe: 1, disconnect: 1 },
      ...{ publish: 4, puback: 3, pubrec: 1, '<publish': 5 },
    })
  })

  test.skipIf(isMissing('mosquitto_pub')).each(['mqttv31', 'mqttv311', 'mqttv5'])(
    "Mosquitto's own clients, %s: one subscribes, three publish",
    async version => {
      const client = async (port: number): Promise<string> => {
        const to = ['-h', '127.0.0.1', '-p', String(port), '-V', version, '-q', '2']
        const got = await subscribed(...to, '-t', 'a/#', '-v', '-C', '3')
        for (const at of [1, 2, 3]) await run('mosquitto_pub', ...to, '-t', `a/${at}`, '-m', `message ${at}`)
        return got()
      }
      const { all, results } = await twice(broker, client)
      expect(results[0]).toBe('a/1 message 1\na/2 message 2\na/3 message 3\n')
      expect(results[1]).toBe(results[0])
      expectSame(all, { connection: 4, subscribe: 1, publish: 3, '<publish': 3 })
    },
  )
})

describe.skipIf(isMissing('rabbitmq-server'))('recorded with RabbitMQ (skipped where it is not installed)', () => {
  let broker: Awaited<ReturnType<typeof rabbitmq>>

  beforeAll(async () => {
    broker = await rabbitmq(['rabbitmq_stomp'], ['stomp.listeners.tcp.1'])
  }, 120_000)

  afterAll(() => broker?.stop())

  test('amqplib at work', async () => {
    const { all } = await twice(broker, checkAmqplib)
    expectSame(all, { 'basic.publish': 3, '<basic.deliver': 3, 'basic.ack': 3, 'basic.get': 1, 'queue.declare': 1 })
  })

  test('@cloudamqp/amqp-client at work', async () => {
    const { all } = await twice(broker, checkCloudamqp)
    expectSame(all, { 'basic.publish': 50, '<basic.deliver': 50, 'basic.ack': 50 })
  })

  test('what the broker refused is refused', async () => {
    const { all } = await twice(broker, checkAmqpRefusals)
    expectSame(all, { connection: 2, 'connection.start-ok': 2, 'queue.declare': 1 })
  })

  test('with --loop, as often as it is done', async () => {
    const path = await recordingPath()
    const proxy = await running('record', `127.0.0.1:0=127.0.0.1:${broker.port}`, '-w', path)
    await rpc(proxy.port)
    await proxy.stop()
    const mock = await running('mock', path, '--listen', ':0', '--json', '--loop', '--count', '8')
    for (let time = 0; time < 4; time++) expect(await rpc(mock.port)).toBe('4 and 8')
    const ended = await mock.ended
    expectSame(counts(ended), { connection: 8, 'basic.publish': 16, '<basic.deliver': 16 })
  })

  test('@stomp/stompjs at work, and what the broker refused it', async () => {
    const stomp = { port: broker.ports[0] as number }
    const user = { login: 'guest', passcode: 'guest' }
    const work = (port: number): Promise<void> => checkStomp(port, { ...user, queue: '/queue/mocked' })
    expectSame((await twice(stomp, work)).all, {
      ...{ connection: 1, CONNECT: 1, SUBSCRIBE: 1, SEND: 4, BEGIN: 1, COMMIT: 1, UNSUBSCRIBE: 1, DISCONNECT: 1 },
      ...{ '<MESSAGE': 4, ACK: 3, NACK: 1 },
    })
    const refused = (port: number): Promise<void> => checkStompError(port, { ...user, queue: '/queue/none' })
    expectSame((await twice(stomp, refused)).all, { connection: 1, CONNECT: 1 })
  })

  test('a request over queues is replied to, with ids and names of its own', async () => {
    const { all, results } = await twice(broker, rpc)
    expect(results).toEqual(['4 and 8', '4 and 8'])
    expectSame(all, { connection: 2, 'queue.declare': 2, 'basic.publish': 4, '<basic.deliver': 4 })
  })
})

/** Seconds after which it ends without what it waits for, so that what it got is seen. */
const PATIENCE = '15'

/** `mosquitto_sub`, once it is answered; then what it prints until it ends. */
async function subscribed(...args: readonly string[]): Promise<() => Promise<string>> {
  const child = spawn('stdbuf', ['-oL', 'mosquitto_sub', ...args, '-d', '-W', PATIENCE], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  const ended = once(child, 'close')
  await new Promise<void>((resolve, reject) => {
    void ended.then(() => reject(new Error(`mosquitto_sub ended before it was answered:\n${output}`)))
    child.stdout.setEncoding('utf8').on('data', text => {
      output += text
      if (output.includes('SUBACK')) resolve()
    })
  })
  return async () => {
    await ended
    return output
      .split('\n')
      .filter(line => line.startsWith('a/'))
      .map(line => `${line}\n`)
      .join('')
  }
}

/** A client and a server of requests, each with its connection; ids are as random as can be. */
async function rpc(port: number): Promise<string> {
  const url = `amqp://guest:guest@127.0.0.1:${port}`
  const [server, client] = [await amqplib.connect(url), await amqplib.connect(url)]
  const [serving, asking] = [await server.createChannel(), await client.createChannel()]
  await serving.assertQueue('double', { durable: false, autoDelete: true })
  await serving.prefetch(1)
  await serving.consume('double', message => {
    const { replyTo, correlationId } = message!.properties
    serving.sendToQueue(replyTo, Buffer.from(String(2 * Number(message!.content))), { correlationId })
    serving.ack(message!)
  })
  const { queue } = await asking.assertQueue('', { exclusive: true })
  const waiting = new Map<string, (answer: string) => void>()
  await asking.consume(
    queue,
    message => waiting.get(message!.properties.correlationId)?.(message!.content.toString()),
    { noAck: true },
  )
  const ask = (question: number): Promise<string> => {
    const correlationId = randomUUID()
    const answer = new Promise<string>(resolve => waiting.set(correlationId, resolve))
    asking.sendToQueue('double', Buffer.from(String(question)), { replyTo: queue, correlationId })
    return answer
  }
  const answers = [await ask(2), await ask(4)]
  await client.close()
  await server.close()
  return answers.join(' and ')
}
