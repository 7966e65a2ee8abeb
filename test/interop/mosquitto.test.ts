import { readFile } from 'node:fs/promises'
import mqtt from 'mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import { Inspector, type Observer, Recorder, readCapture } from '../../src/index.ts'
import { recordingPath, tshark } from '../recording/record.ts'
import { isMissing, mosquitto, run } from './brokers.ts'
import { checkMqtt } from './mqtt-client.ts'
import { missing, watch } from './watch.ts'

/** By their number on the wire [MQTT 2.1.2]. */
const TYPES = ['', 'connect', 'connack', 'publish', 'puback', 'pubrec', 'pubrel', 'pubcomp', 'subscribe', 'suback']
TYPES.push('unsubscribe', 'unsuback', 'pingreq', 'pingresp', 'disconnect', 'auth')

describe.skipIf(isMissing('mosquitto'))('Mosquitto (skipped where it is not installed)', () => {
  let broker: Awaited<ReturnType<typeof mosquitto>>

  beforeAll(async () => {
    broker = await mosquitto()
  })

  afterAll(() => broker?.stop())

  test('MQTT.js 3.1.1 works through the proxy, and every frame is shown', () => checkMqtt(broker.port, 4))

  test('MQTT.js 5.0 works through the proxy, and every frame is shown', () => checkMqtt(broker.port, 5))

  test('MQTT.js works over WebSocket, and every frame is shown', async () => {
    // Mosquitto sends 4 KiB each tenth of a second over WebSocket.
    await checkMqtt(broker.wsPort, 4, { path: '/', large: 20_000 })
    await checkMqtt(broker.wsPort, 5, { path: '/mqtt', large: 20_000 })
  })

  test.skipIf(isMissing('tshark'))('a recording holds what was shown: for tshark, and for us', async () => {
    const recorder = await Recorder.create(await recordingPath())
    const watched = await watch(broker.port, recorder)
    const options = { protocolVersion: 5, reconnectPeriod: 0, username: 'ann', password: 'tell-nobody' } as const
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${watched.port}`, options)
    await client.subscribeAsync('a/#', { qos: 2 })
    for (let at = 0; at < 20; at++) await client.publishAsync(`a/${at}`, 'x'.repeat(at * 1000), { qos: 2 })
    await client.endAsync()
    await watched.end()
    const { path } = await recorder.finish()

    const fields = ['-T', 'fields', '-e', 'mqtt.msgtype', '-E', 'occurrence=a', '-E', 'aggregator=,']
    const types = tshark(path, '-d', `tcp.port==${broker.port},mqtt`, '-Y', 'mqtt', ...fields)
    const seen = types.trim().split(/[\n,]/).map(Number)
    expect(seen).toEqual(watched.frames.map(({ type }) => TYPES.indexOf(type)))
    const again: string[] = []
    const packet: Observer['packet'] = (flow, cut) => again.push(flow.codec?.type(cut) ?? cut.kind)
    await readCapture({ path }, new Inspector({ codecs, decodeAs: [] }, { packet }))
    expect(again).toEqual(watched.frames.map(({ type }) => type))
    expect((await readFile(path)).includes('tell-nobody')).toBe(false)
  })

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
