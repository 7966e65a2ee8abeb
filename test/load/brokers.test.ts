import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { mqinspect } from '../commands/cli.ts'
import { type Broker, coapServer, folderFor, isMissing, rabbitmq } from '../interop/brokers.ts'
import { type ActiveMq, activemq, MQTT_CLIENT } from '../interop/java.ts'
import { watch } from '../interop/watch.ts'
import { load, outcome, perfect } from './load.ts'
import { takesTokens, tokenFor, tokenServer } from './token-server.ts'

describe.skipIf(isMissing('rabbitmq-server'))('load on RabbitMQ (skipped where it is not installed)', () => {
  let broker: Awaited<ReturnType<typeof rabbitmq>>
  const keys = folderFor('keys')

  beforeAll(async () => {
    const plugins = ['rabbitmq_stomp', 'rabbitmq_amqp1_0', 'rabbitmq_mqtt', 'rabbitmq_auth_backend_oauth2']
    broker = await rabbitmq(plugins, ['stomp.listeners.tcp.1', 'mqtt.listeners.tcp.1'], takesTokens(keys))
  }, 120_000)

  afterAll(async () => {
    await broker?.stop()
    rmSync(keys, { recursive: true })
  })

  const amqp = (): string => `amqp://127.0.0.1:${broker.port}`

  test('AMQP 0-9-1: all that was due is confirmed, delivered and acknowledged', async () => {
    const loaded = await load(amqp(), '-t', 'plain', '-r', '500', '-c', '500', '--credit', '50', '--ack-every', '10')
    expect(outcome(loaded)).toEqual(perfect(500))
  })

  test('AMQP 0-9-1: consumers of one queue share it, those of an exchange each get all', async () => {
    const shared = await load(amqp(), '-t', 'shared', '-y', '4', '-r', '500', '-c', '400')
    expect(outcome(shared)).toEqual(perfect(400))
    const topic = ['-o', 'exchange=mqinspect.test', '-o', 'exchangeType=topic', '-o', 'autoDelete=true']
    const each = await load(amqp(), ...topic, '-t', 'a.%i', '--source', 'a.#', '-x', '2', '-y', '3', '-c', '400')
    expect(outcome(each)).toEqual({ ...perfect(400), delivered: 1200, acked: 1200 })
  })

  test('AMQP 0-9-1: several channels do what one does', async () => {
    const channels = ['-o', 'channels=3', '--credit', '20', '--ack-every', '7']
    const loaded = await load(amqp(), '-t', 'channels', ...channels, '-x', '2', '-y', '2', '-r', '600', '-c', '600')
    // Channels keep no order between them.
    expect(outcome(loaded)).toEqual({ ...perfect(600), reordered: expect.any(Number) })
  })

  test.each([
    ['AMQP 0-9-1', () => amqp(), 'amqp091', 'taken'],
    ['AMQP 1.0', () => amqp(), 'amqp10', '/queue/taken.1.0'],
    ['STOMP', () => `stomp://127.0.0.1:${broker.ports[0]}`, 'stomp', '/queue/taken.stomp'],
  ])('%s: consumers take what they are to take, and leave the rest in the queue', async (_, url, protocol, queue) => {
    const args = [url(), '--protocol', protocol, '-t', queue, '-y', '2', '--ack-every', '7']
    const some = await load(...args, '-r', '2k', '-c', '300/client', '-x', '2', '--consume-count', '100')
    expect(outcome(some)).toMatchObject({ code: 0, sent: 600, delivered: 100, acked: 100, lost: 0 })
    expect(some.result.proof.lines[1]).toBe(
      'to be delivered 600 = delivered 100 + lost 0 + left 500, as consumers had their count',
    )
    // It ends as soon as each has its own.
    const rest = await load(...args, '-x', '0', '--consume-count', '250/client')
    expect(rest).toMatchObject({ code: 0, result: { counts: { foreign: 500, acked: 500 } } })
  })

  test('AMQP 0-9-1: queues of a range are spread over clients, or each has all of them', async () => {
    const spread = await load(
      amqp(),
      '-t',
      'range-{01..10}',
      '--spread',
      '-x',
      '3',
      '-y',
      '5',
      '-r',
      '500',
      '-c',
      '300',
    )
    expect(outcome(spread)).toEqual(perfect(300))
    const all = await load(amqp(), '-t', 'range-{01..10}', '-y', '2', '-r', '500', '-c', '300')
    expect(outcome(all)).toMatchObject({ code: 0, delivered: 300, lost: 0 })
  })

  test('AMQP 0-9-1: what no queue wants comes back, and is not expected of anybody', async () => {
    const args = ['-t', 'nowhere', '-o', 'declare=false', '-o', 'mandatory=true', '-y', '0', '-c', '100']
    const { code, result } = await load(amqp(), ...args)
    expect({ code, returned: result.counts.returned, lost: result.counts.lost }).toEqual({
      code: 0,
      returned: 100,
      lost: 0,
    })
    expect(result.proof.lines[0]).toContain('100 came back')
  })

  test('AMQP 0-9-1: deliveries that are given back come again, and are told as such', async () => {
    const { result } = await load(amqp(), '-t', 'again', '-c', '200', '--requeue', '20%')
    expect(result.counts.redelivered).toBeGreaterThan(10)
    expect(result.counts).toMatchObject({ delivered: 200, lost: 0 })
    expect(result.counts.duplicates).toBe(result.counts.redelivered)
  })

  test('AMQP 0-9-1: a queue that is full refuses, and the account says so', async () => {
    const full = ['-o', 'arguments=x-max-length=10,x-overflow=reject-publish', '-y', '0']
    const { code, result } = await load(amqp(), '-t', 'full', ...full, '-c', '100', '-r', '200')
    expect(code).toBe(0)
    expect(result.counts.refused + result.counts.confirmed).toBe(100)
    expect(result.counts.refused).toBeGreaterThan(50)
  })

  test('AMQP 0-9-1: requests are answered through a queue of their own', async () => {
    const { code, result } = await load(amqp(), '-t', 'ask', '--request', '-r', '200', '-c', '200')
    expect({ code, replies: result.counts.replies }).toEqual({ code: 0, replies: 200 })
  })

  test.each([
    ['consumers that poll', ['-o', 'poll=5', '-o', 'channels=2', '-y', '2', '--ack-every', '5']],
    ['transactions', ['-o', 'transaction=30']],
    ['quorum queues', ['-o', 'queueType=quorum', '-s', '20kB', '-o', 'frameMax=4096']],
    ['streams', ['-o', 'queueType=stream']],
  ])('AMQP 0-9-1: %s: all is confirmed and delivered, and in the end the queue is gone', async (what, options) => {
    const queue = ['-t', what]
    const loaded = await load(amqp(), ...queue, ...options, '-r', '400', '-c', '200', '--cleanup')
    // Who polls on two channels puts no order between them.
    expect(outcome(loaded)).toEqual({ ...perfect(200), reordered: expect.any(Number) })
    const after = await mqinspect(['load', amqp(), '--no-tui', ...queue, '-x', '0', '-o', 'declare=false'])
    expect(after).toMatchObject({ code: 3, stderr: expect.stringContaining(`no queue '${what}'`) })
  })

  test('AMQP 0-9-1: a stream is read from where its consumers say', async () => {
    const stream = ['-t', 'offsets', '-o', 'queueType=stream']
    await load(amqp(), ...stream, '-y', '0', '-r', '400', '-c', '100')
    const from = ['-o', 'consumeArguments=x-stream-offset=40']
    const { result } = await load(amqp(), ...stream, ...from, '-x', '0', '--until-idle', '500ms')
    expect(result.counts.foreign).toBe(60)
  })

  test('what was there before a run stays, and what it made is told', async () => {
    const args = ['-o', 'exchange=left', '-o', 'exchangeType=fanout', '-o', 'queue=left', '-r', '200', '-c', '20']
    const run = (...more: string[]) => mqinspect(['load', amqp(), '--no-tui', ...args, ...more])
    expect((await run('--cleanup')).stderr).toContain('took away 1 queue, 1 exchange')
    await run()
    expect((await run('--cleanup')).stderr).not.toContain('took away')
    const stomp = await mqinspect([
      'load',
      `stomp://127.0.0.1:${broker.ports[0]}`,
      '-t',
      '/queue/l',
      '-c',
      '5',
      '--cleanup',
    ])
    expect(stomp.stderr).toContain('not taken away: queues that a broker made of destinations')
  })

  test('AMQP 0-9-1: an alarm blocks publishers, and is told with its span', async () => {
    const alarm = (limit: string): Promise<unknown> => broker.control('set_vm_memory_high_watermark', limit)
    await alarm('0.00001')
    const running = load(amqp(), '-t', 'blocked', '-r', '100', '-z', '4s', '-y', '0')
    await new Promise(resolve => setTimeout(resolve, 1000))
    // STOMP knows no such word: the broker just reads no more.
    const silent = ['-t', '/queue/blocked', '-r', '100', '-z', '1s', '-y', '0', '--drain', '500ms']
    const unanswered = await load(`stomp://127.0.0.1:${broker.ports[0]}`, ...silent)
    expect(unanswered).toMatchObject({ code: 1, result: { limit: { what: 'broker' } } })
    await alarm('0.4')
    const { code, result } = await running
    expect(code).toBe(0)
    expect(result.blocked).toEqual([{ from: expect.any(Number), to: expect.any(Number), reason: 'low on memory' }])
    expect(result.counts).toMatchObject({ due: 400, unconfirmed: 0 })
  }, 60_000)

  test('AMQP 0-9-1: a token lets in, and before it expires every connection is told the next', async () => {
    // The first is good for long enough that all connect with it.
    const server = await tokenServer(time => ({
      body: { access_token: tokenFor(60), expires_in: time === 0 ? 4 : 60 },
    }))
    onTestFinished(() => server.close())
    const watched = await watch(broker.port)
    const from = ['--oauth2-token-url', server.url, '--oauth2-client-id', 'app']
    const args = [...from, '-t', 'tokens', '-x', '2', '-r', '100', '-c', '400', '--workers', '2']
    expect(outcome(await load(`amqp://127.0.0.1:${watched.port}`, ...args))).toEqual(perfect(400))
    await watched.end()
    // One for all groups and workers, then one after 3.2 s.
    expect(server.asked).toHaveLength(2)
    expect(watched.find('connection.update-secret').map(({ fields }) => fields.newSecret)).toEqual([
      '***',
      '***',
      '***',
    ])
    expect(watched.find('connection.update-secret-ok')).toHaveLength(3)
  })

  test('MQTT and STOMP: a token in a file is a password', async () => {
    const file = join(keys, 'token')
    writeFileSync(file, `${tokenFor(60)}\n`)
    const args = ['--oauth2-token-file', file, '-r', '200', '-c', '100']
    const mqtt = ['--protocol-version', '3.1.1', '--qos', '1']
    expect(outcome(await load(`mqtt://127.0.0.1:${broker.ports[1]}`, ...mqtt, ...args))).toEqual(perfect(100))
    const stomp = ['-t', '/queue/tokens.stomp']
    expect(outcome(await load(`stomp://127.0.0.1:${broker.ports[0]}`, ...stomp, ...args))).toEqual(perfect(100))
  })

  test('AMQP 1.0: all that was due is accepted, delivered and settled', async () => {
    const loaded = await load(amqp(), '--protocol', 'amqp10', '-t', '/queue/one', '-r', '500', '-c', '500')
    expect(outcome(loaded)).toEqual(perfect(500))
  })

  test('STOMP: all that was due is receipted, delivered and acknowledged', async () => {
    const loaded = await load(`stomp://127.0.0.1:${broker.ports[0]}`, '-t', '/queue/two', '-r', '500', '-c', '500')
    expect(outcome(loaded)).toEqual(perfect(500))
  })

  test.each([
    ['AMQP 0-9-1', () => amqp(), 'amqp091', 'coming'],
    ['AMQP 1.0', () => amqp(), 'amqp10', '/queue/coming.1.0'],
    ['STOMP', () => `stomp://127.0.0.1:${broker.ports[0]}`, 'stomp', '/queue/coming.stomp'],
  ])('%s: connections that come and go take everything with them', async (_, url, protocol, queue) => {
    const args = ['--protocol', protocol, '-t', queue, '-x', '2', '-y', '2', '--lifetime', '300ms']
    const loaded = await load(url(), ...args, '-r', '250', '-c', '500')
    // Which of two consumers gets what was given back is chance, and with it the order.
    expect(outcome(loaded)).toEqual({ ...perfect(500), reordered: expect.any(Number) })
    // How often in two seconds, is the machine's.
    expect(loaded.result.counts.reconnected).toBeGreaterThan(0)
  })

  test.each([
    ['AMQP 1.0', () => amqp(), 'amqp10', '/queue/ask.1.0', ['-o', 'replies=/queue/replies-']],
    ['STOMP', () => `stomp://127.0.0.1:${broker.ports[0]}`, 'stomp', '/queue/ask.stomp', []],
  ])('%s: requests are answered', async (_, url, protocol, queue, option) => {
    const args = ['--protocol', protocol, '-t', queue, '--request', '-r', '200', '-c', '200', ...option]
    const { code, result } = await load(url(), ...args)
    expect({ code, replies: result.counts.replies }).toEqual({ code: 0, replies: 200 })
  })

  test('published by MQTT, consumed by AMQP: the same account', async () => {
    const mqtt = `mqtt://127.0.0.1:${broker.ports[1]}`
    const args = ['--qos', '1', '-t', 'cross/over', '--consume-from', amqp(), '--source', 'cross.over']
    const option = ['-o', 'exchange=amq.topic', '-o', 'exchangeType=topic']
    const loaded = await load(mqtt, '--protocol-version', '3.1.1', ...args, ...option, '-r', '200', '-c', '200')
    expect(outcome(loaded)).toEqual(perfect(200))
  })
})

describe.skipIf(isMissing('activemq'))('load on ActiveMQ (skipped where it is not installed)', () => {
  let broker: ActiveMq

  beforeAll(async () => {
    broker = await activemq()
  }, 120_000)

  afterAll(() => broker?.stop())

  test('STOMP: all that was due is receipted, delivered and acknowledged', async () => {
    const loaded = await load(`stomp://127.0.0.1:${broker.stomp}`, '-t', '/queue/load', '-r', '200', '-c', '400')
    expect(outcome(loaded)).toEqual(perfect(400))
  })

  test.skipIf(isMissing(MQTT_CLIENT))('MQTT 3.1.1: all that was due is confirmed and delivered', async () => {
    const args = ['--protocol-version', '3.1.1', '--qos', '1', '-r', '200', '-c', '400']
    expect(outcome(await load(`mqtt://127.0.0.1:${broker.mqtt}`, ...args))).toEqual(perfect(400))
  })
})

describe.skipIf(isMissing('coap-server-notls'))('load on libcoap (skipped where it is not installed)', () => {
  let broker: Broker

  beforeAll(async () => {
    broker = await coapServer()
  })

  afterAll(() => broker?.stop())

  const coap = (): string => `coap://127.0.0.1:${broker.port}`

  test('CoAP: every request has its response', async () => {
    const { code, result } = await load(coap(), '-t', 'load', '-y', '0', '-c', '500', '-r', '500')
    expect({ code, confirmed: result.counts.confirmed, lost: result.counts.unconfirmed }).toEqual({
      code: 0,
      confirmed: 500,
      lost: 0,
    })
  })

  test('CoAP: what messages and observers make is taken away', async () => {
    const args = ['load', coap(), '--no-tui', '-t', 'made', '-c', '20', '--allow-loss', '--drain', '200ms', '--cleanup']
    for (let time = 0; time < 2; time++) expect((await mqinspect(args)).stderr).toContain('took away 1 resource')
  })

  test('CoAP over UDP: publishers and observers connect from the addresses that they are told', async () => {
    const args = ['-t', 'elsewhere', '-x', '2', '-y', '2', '--local-address', '127.0.0.2,127.0.0.3']
    const { code, result } = await load(coap(), ...args, '-c', '20', '-r', '20', '--allow-loss', '--drain', '500ms')
    expect({ code, connected: result.counts.connected }).toEqual({ code: 0, connected: 4 })
    expect(result.counts).toMatchObject({ confirmed: 20, unconfirmed: 0 })
    await expect(load(coap(), '--local-address', '192.0.2.1')).rejects.toThrow('address not available')
  })

  test.each([
    ['UDP', coap],
    ['TCP', () => `coap+tcp://127.0.0.1:${broker.port}`],
  ])(
    'CoAP over %s: a resource is made, observed, and told of; of states that follow fast some are left out',
    async (_, url) => {
      const args = ['-t', 'observed', '-c', '40', '-r', '20', '--allow-loss', '--drain', '1s']
      const { code, result } = await load(url(), ...args)
      expect({ code, confirmed: result.counts.confirmed }).toEqual({ code: 0, confirmed: 40 })
      expect(result.counts.delivered).toBeGreaterThan(20)
      expect(result.counts).toMatchObject({ duplicates: 0, foreign: 0 })
    },
  )
})
