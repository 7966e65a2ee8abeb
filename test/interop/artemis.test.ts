import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mqinspect } from '../commands/cli.ts'
import { load, outcome, perfect } from '../load/load.ts'
import { askAndAnswer, checkAmqp10, checkRhea, workRhea } from './amqp10-client.ts'
import { ARTEMIS_USER, type Artemis, artemis, isArtemisMissing } from './java.ts'
import { checkMqtt } from './mqtt-client.ts'
import { checkMocked } from './recorded.ts'
import { checkOldStomp, checkStomp, checkStompError } from './stomp-client.ts'

describe.skipIf(isArtemisMissing())('ActiveMQ Artemis (skipped where Maven has not brought it)', () => {
  let broker: Artemis

  beforeAll(async () => {
    broker = await artemis()
  }, 120_000)

  afterAll(() => broker?.stop())

  const user = { username: 'ann', password: 'secret' }

  test('rhea works through the proxy, and every frame is shown', () =>
    checkRhea(broker.port, { ...user, address: 'rhea' }))

  test('load logs in by SCRAM, each side knowing the other; by a wrong password it does not', async () => {
    const { name, password } = ARTEMIS_USER
    const args = ['--protocol', 'amqp10', '-o', 'mechanism=SCRAM-SHA-512', '-o', 'node=queue', '-t', 'scram']
    const scram = (as: string, ...more: string[]) => [
      `amqp://127.0.0.1:${broker.scram}`,
      ...args,
      ...['--user', name, '--password', as, '-r', '100', '-c', '20', ...more],
    ]
    expect(outcome(await load(...scram(password, '-x', '3', '--workers', '2')))).toEqual(perfect(20))
    const { code, stderr } = await mqinspect(['load', ...scram('pen')])
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('not logged in') })
  })

  test('rhea works over WebSocket', () => checkRhea(broker.port, { ...user, address: 'web-rhea', path: '/' }))

  test('amqp10 works through the proxy, and every frame is shown', () =>
    checkAmqp10(broker.port, { ...user, address: 'amqp10' }))

  test.each([
    ['sends and receives', workRhea],
    ['asks and answers', askAndAnswer],
  ])('rhea %s without the broker, on a recording of it', (_, work) =>
    checkMocked(broker.port, port => work(port, { ...user, address: 'mocked' })),
  )

  test('rhea works over WebSocket without the broker, on a recording of it', () =>
    checkMocked(broker.port, port => workRhea(port, { ...user, address: 'web-mocked', path: '/' }), 'ws://:0'))

  test('@stomp/stompjs works through the proxy, and every frame is shown', () =>
    checkStomp(broker.port, { queue: 'stomp' }))

  test('@stomp/stompjs works over WebSocket', () =>
    checkStomp(broker.port, { queue: 'web-stomp', path: '/', hangsUp: true }))

  test('stompjs works through the proxy, and every frame is shown', () =>
    checkOldStomp(broker.port, { queue: 'old-stomp' }))

  test('its STOMP refusal reaches the client, and is shown', () => checkStompError(broker.port, { queue: 'none' }))

  test('MQTT.js 3.1.1 works through the proxy, and every frame is shown', () => checkMqtt(broker.port, 4))

  test('MQTT.js 5.0 works through the proxy, and every frame is shown', () => checkMqtt(broker.port, 5))

  test.each([
    ['AMQP 1.0', 'amqp', ['--protocol', 'amqp10', '-o', "selector=colour = 'red'", '-o', 'incomingWindow=4']],
    [
      'MQTT 5',
      'mqtt',
      ['--qos', '1', '-o', 'topicAlias=true', '-o', 'sessionExpiry=60', '-o', 'retain=true', '--cleanup'],
    ],
  ])('clients of a load test that speak %s have what they ask for', async (_, scheme, options) => {
    const args = ['-t', `load.${scheme}`, '--header', 'colour=red', '-r', '200', '-c', '100', ...options]
    expect(outcome(await load(`${scheme}://127.0.0.1:${broker.port}`, ...args))).toEqual(perfect(100))
  })

  test('AMQP 1.0: what is given back as modified was delivered before', async () => {
    const url = `amqp://127.0.0.1:${broker.port}`
    const args = ['--protocol', 'amqp10', '-t', 'again', '-r', '200', '-c', '100', '--requeue', '20%']
    const { result } = await load(url, ...args, '-o', 'release=modified')
    expect(result.counts).toMatchObject({ delivered: 100, lost: 0 })
    expect(result.counts.redelivered).toBe(result.counts.duplicates)
    expect(result.counts.redelivered).toBeGreaterThan(5)
  })

  test('MQTT.js 5.0 works over WebSocket', () => checkMqtt(broker.port, 5, { path: '/' }))
})
