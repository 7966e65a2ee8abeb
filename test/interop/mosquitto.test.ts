import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Broker, isMissing, mosquitto, run } from './brokers.ts'
import { checkMqtt } from './mqtt-client.ts'
import { missing, watch } from './watch.ts'

describe.skipIf(isMissing('mosquitto'))('Mosquitto (skipped where it is not installed)', () => {
  let broker: Broker

  beforeAll(async () => {
    broker = await mosquitto()
  })

  afterAll(() => broker?.stop())

  test('MQTT.js 3.1.1 works through the proxy, and every frame is shown', () => checkMqtt(broker.port, 4))

  test('MQTT.js 5.0 works through the proxy, and every frame is shown', () => checkMqtt(broker.port, 5))

  test.skipIf(isMissing('mosquitto_pub')).each([
    ['mqttv31', 3],
    ['mqttv311', 4],
    ['mqttv5', 5],
  ])("Mosquitto's own client, %s", async (version, level) => {
    const watched = await watch(broker.port)
    const port = String(watched.port)
    await run('mosquitto_pub', '-h', '127.0.0.1', '-p', port, '-V', version, '-t', 'a/b', '-m', 'hi', '-q', '2')
    await watched.end()
    expect(watched.wrong).toEqual([])
    expect(watched.find('connect')[0]!.fields.protocolVersion).toBe(level)
    const order = ['>connect', '<connack', '>publish', '<pubrec', '>pubrel', '<pubcomp', '>disconnect']
    expect(missing(watched.types(), order)).toBeUndefined()
  })
})
