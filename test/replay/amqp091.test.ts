import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isMissing, rabbitmq } from '../interop/brokers.ts'
import { recordingPath } from '../recording/record.ts'
import { expectSame, replay } from './replay.ts'

const FIXTURES = 'fixtures/amqp091'

describe.skipIf(isMissing('rabbitmq-server'))('against RabbitMQ (skipped where it is not installed)', () => {
  let broker: Awaited<ReturnType<typeof rabbitmq>>

  beforeAll(async () => {
    broker = await rabbitmq(['rabbitmq_mqtt'], ['mqtt.listeners.tcp.1'])
  }, 90_000)

  afterAll(() => broker?.stop())

  const to = (): string => `amqp://127.0.0.1:${broker.port}`

  test.each([
    // Queues that the broker named, consumers that it tagged; a declaration under a name of then would be refused.
    ['basic', { 'queue.declare': 3, 'queue.bind': 3, 'basic.consume': 1, deliver: 4, 'deliver-ack': 4, rpc: 1 }],
    // Single, multiple, negative, all; redelivered.
    ['acks', { deliver: 44, 'deliver-ack': 44, 'basic.get': 9, 'basic.recover': 1 }],
    ['confirms', { 'publish-confirm': 46, deliver: 6 }],
    ['tx', { 'tx.commit': 1, 'tx.rollback': 1, 'deliver-ack': 1 }],
    ['heartbeat-blocked', { 'channel.open': 1 }],
    ['abort', { 'queue.declare': 1 }],
  ])('%s is the same again, message for message', async (name, counts) => {
    await expectSame(`${FIXTURES}/${name}.pcap`, to(), counts)
  })

  test('what a broker refuses then it refuses now, and is answered', async () => {
    const flows = ['1', '2', '3', '4', '5'].flatMap(flow => ['--flow', flow])
    const { code, kinds } = await replay(`${FIXTURES}/errors.pcap`, to(), ...flows, '--expect', 'same')
    expect(code).toBe(0)
    expect(kinds['channel.close']).toEqual([7, 0, 0, 0])
    expect(kinds['connection.close']?.[0]).toBeGreaterThanOrEqual(4)
  })

  test('a password that was overwritten is asked for; with it, the recording of a run replays', async () => {
    const path = await recordingPath()
    expect((await replay(`${FIXTURES}/acks.pcap`, to(), '-w', path)).code).toBe(0)
    const masked = await replay(path, to())
    expect(masked.code).toBe(2)
    expect(masked.stderr).toMatch(
      /flow 1: the recording has no password: it was overwritten\nGive --user and --password/,
    )
    const again = await replay(path, `amqp://guest:guest@127.0.0.1:${broker.port}`, '--expect', 'same')
    expect({ code: again.code, deviations: again.deviations }).toEqual({ code: 0, deviations: [] })
    expect(again.kinds['deliver-ack']).toEqual([44, 0, 0, 0])
  })

  test('a virtual host that is not there is refused: told, not a crash', async () => {
    const { code, deviations } = await replay(`${FIXTURES}/tx.pcap`, to(), '--vhost', 'nowhere', '--timeout', '1s')
    expect(code).toBe(0)
    expect(deviations).toContainEqual(expect.objectContaining({ kind: 'connection.open', address: 'nowhere' }))
  })

  test('copies have queues of their own, and addresses can be others', async () => {
    const copies = await replay(`${FIXTURES}/acks.pcap`, to(), '--copies', '4', '--expect', 'same')
    expect({ code: copies.code, deviations: copies.deviations }).toEqual({ code: 0, deviations: [] })
    expect(copies.kinds['deliver-ack']).toEqual([44 * 4, 0, 0, 0])
    const path = await recordingPath()
    const mapped = await replay(`${FIXTURES}/acks.pcap`, to(), '--map', 'q.ack=q.other', '--expect', 'same', '-w', path)
    expect({ code: mapped.code, deviations: mapped.deviations }).toEqual({ code: 0, deviations: [] })
    const read = await replay(path, to(), '--user', 'guest', '--password', 'guest', '--timeout', '1s')
    expect(read.kinds['deliver-ack']).toEqual([44, 0, 0, 0])
  })

  test('a broker of another make: what it does otherwise is told, and all else is done', async () => {
    const mqtt = `mqtt://guest:guest@127.0.0.1:${broker.ports[0]}`
    const file = 'fixtures/mqtt/mqtt311_qos.pcap'
    const { code, kinds, deviations } = await replay(file, mqtt, '--timeout', '2s', '--expect', 'same')
    expect(code).toBe(1)
    // RabbitMQ has no QoS 2.
    expect(deviations).toContainEqual(
      expect.objectContaining({ kind: 'subscribe', address: 'q/2', live: 'ok Granted QoS 1' }),
    )
    expect(kinds.deliver).toEqual([38, 0, 0, 0])
  })
})
