import { afterAll, beforeAll, describe, test } from 'vitest'
import { isMissing } from './brokers.ts'
import { type ActiveMq, activemq, MQTT_CLIENT } from './java.ts'
import { checkMqtt } from './mqtt-client.ts'
import { checkOldStomp, checkStomp, checkStompError } from './stomp-client.ts'

describe.skipIf(isMissing('activemq'))('ActiveMQ (skipped where it is not installed)', () => {
  let broker: ActiveMq

  beforeAll(async () => {
    broker = await activemq()
  }, 120_000)

  afterAll(() => broker?.stop())

  test('@stomp/stompjs works through the proxy, and every frame is shown', () =>
    checkStomp(broker.stomp, { queue: '/queue/new' }))

  test('stompjs works through the proxy, and every frame is shown', () =>
    checkOldStomp(broker.stomp, { queue: '/queue/old' }))

  test('its STOMP refusal reaches the client, and is shown', () =>
    checkStompError(broker.stomp, { queue: '/queue/none' }))

  test.skipIf(isMissing(MQTT_CLIENT))('MQTT.js 3.1.1 works through the proxy, and every frame is shown', () =>
    checkMqtt(broker.mqtt, 4),
  )
})
