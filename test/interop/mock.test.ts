import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { counts, running } from '../mock/running.ts'
import { recordingPath } from '../recording/record.ts'
import { checkAmqplib, checkAmqpRefusals, checkCloudamqp } from './amqp091-client.ts'
import { type Broker, isMissing, mosquitto, rabbitmq } from './brokers.ts'
import { checkMqtt } from './mqtt-client.ts'

/** What a client does is recorded with a real broker, and done once more without one. */
async function twice(broker: Broker, client: (port: number) => Promise<unknown>, ...flags: readonly string[]) {
  const path = await recordingPath()
  const proxy = await running('record', `127.0.0.1:0=127.0.0.1:${broker.port}`, '-w', path)
  await client(proxy.port)
  await proxy.stop()
  const mock = await running('mock', path, '--listen', ':0', '--json', ...flags)
  await client(mock.port)
  const ended = await mock.stop()
  return { counts: counts(ended), ended, path }
}

describe.skipIf(isMissing('mosquitto'))('recorded with Mosquitto (skipped where it is not installed)', () => {
  let broker: Awaited<ReturnType<typeof mosquitto>>

  beforeAll(async () => {
    broker = await mosquitto()
  })

  afterAll(() => broker?.stop())

  test.each([4, 5] as const)('MQTT.js %i runs to its end without the broker', async version => {
    const played = await twice(broker, port => checkMqtt(port, version))
    expect(played.counts).toEqual({
      connect: [2, 0, 0, 0],
      subscribe: [1, 0, 0, 0],
      publish: [4, 0, 0, 0],
      puback: [3, 0, 0, 0],
      pubrec: [1, 0, 0, 0],
      unsubscribe: [1, 0, 0, 0],
      disconnect: [1, 0, 0, 0],
      '<publish': [5, 0, 0, 0],
    })
  })
})

describe.skipIf(isMissing('rabbitmq-server'))('recorded with RabbitMQ (skipped where it is not installed)', () => {
  let broker: Broker

  beforeAll(async () => {
    broker = await rabbitmq([], [])
  }, 120_000)

  afterAll(() => broker?.stop())

  test('amqplib runs to its end without the broker', async () => {
    const played = await twice(broker, checkAmqplib)
    expect(played.counts).toEqual({})
  })

  test('@cloudamqp/amqp-client runs to its end without the broker', async () => {
    const played = await twice(broker, checkCloudamqp)
    expect(played.counts).toEqual({})
  })

  test('what the broker refused is refused', async () => {
    const played = await twice(broker, checkAmqpRefusals)
    expect(played.counts).toEqual({})
  })
})
