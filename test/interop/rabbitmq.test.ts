import { afterAll, beforeAll, describe, test } from 'vitest'
import { checkAmqp10, checkRhea, checkRheaRefusals, workRhea } from './amqp10-client.ts'
import { checkAmqplib, checkAmqpRefusals, checkCloudamqp } from './amqp091-client.ts'
import { type Broker, isMissing, rabbitmq } from './brokers.ts'
import { checkMqtt } from './mqtt-client.ts'
import { checkMocked } from './recorded.ts'
import { checkOldStomp, checkStomp, checkStompError } from './stomp-client.ts'

const PLUGINS = ['rabbitmq_amqp1_0', 'rabbitmq_stomp', 'rabbitmq_mqtt', 'rabbitmq_web_stomp', 'rabbitmq_web_mqtt']
const LISTENERS = ['stomp.listeners.tcp.1', 'mqtt.listeners.tcp.1', 'web_stomp.tcp.listener', 'web_mqtt.tcp.listener']

describe.skipIf(isMissing('rabbitmq-server'))('RabbitMQ (skipped where it is not installed)', () => {
  let broker: Broker
  let [stomp, mqtt, webStomp, webMqtt]: number[] = []

  beforeAll(async () => {
    const started = await rabbitmq(PLUGINS, LISTENERS)
    broker = started
    ;[stomp, mqtt, webStomp, webMqtt] = started.ports
  }, 120_000)

  afterAll(() => broker?.stop())

  describe('AMQP 0-9-1', () => {
    test('amqplib works through the proxy, and every frame is shown', () => checkAmqplib(broker.port))
    test('@cloudamqp/amqp-client works through the proxy, and every frame is shown', () => checkCloudamqp(broker.port))
    test("a broker's refusal reaches the client, and is shown", () => checkAmqpRefusals(broker.port))
  })

  describe('AMQP 1.0', () => {
    const user = { username: 'guest', password: 'guest' }
    test('rhea works through the proxy, and every frame is shown', () =>
      checkRhea(broker.port, { ...user, address: '/queue/rhea' }))
    test('amqp10 works through the proxy, and every frame is shown', () =>
      checkAmqp10(broker.port, { ...user, address: '/queue/amqp10' }))
    test("a broker's refusal reaches the client, and is shown", () =>
      checkRheaRefusals(broker.port, { ...user, address: '/exchange/none' }))
    test('rhea works without the broker, on a recording of it', () =>
      checkMocked(broker.port, port => workRhea(port, { ...user, address: '/queue/mocked' })))
  })

  describe('STOMP', () => {
    const user = { login: 'guest', passcode: 'guest' }
    test('@stomp/stompjs works through the proxy, and every frame is shown', () =>
      checkStomp(stomp!, { ...user, queue: '/queue/stomp' }))
    test('@stomp/stompjs works over WebSocket', () =>
      checkStomp(webStomp!, { ...user, path: '/ws', queue: '/queue/web-stomp' }))
    test('stompjs works through the proxy, and every frame is shown', () =>
      checkOldStomp(stomp!, { ...user, queue: '/queue/old-stomp' }))
    test("a broker's refusal reaches the client, and is shown", () =>
      checkStompError(stomp!, { ...user, queue: '/queue/none' }))
  })

  describe('MQTT', () => {
    const user = { username: 'guest', password: 'guest', mostQos: 1 } as const
    test('MQTT.js 3.1.1 works through the proxy, and every frame is shown', () => checkMqtt(mqtt!, 4, user))
    test('MQTT.js 3.1.1 works over WebSocket', () => checkMqtt(webMqtt!, 4, { ...user, path: '/ws' }))
  })
})
