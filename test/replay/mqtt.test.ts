import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeAuthority, makeLeaf } from '../../src/tls/authority.ts'
import { folderFor, freePorts, isMissing, mosquitto } from '../interop/brokers.ts'
import { recordingPath } from '../recording/record.ts'
import { expectSame, replay } from './replay.ts'

const FIXTURES = 'fixtures/mqtt'

describe.skipIf(isMissing('mosquitto'))('against Mosquitto (skipped where it is not installed)', () => {
  let broker: Awaited<ReturnType<typeof mosquitto>>
  let tlsPort: number
  let wssPort: number
  let folder: string

  beforeAll(async () => {
    folder = folderFor('replay')
    const authority = await makeAuthority()
    const files = { ...(await makeLeaf(authority, ['127.0.0.1'])), ca: authority.cert }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    ;[tlsPort, wssPort] = (await freePorts(2)) as [number, number]
    const user = process.getuid?.() === 0 ? ['user root'] : []
    const secure = (port: number): string[] => [
      `listener ${port} 127.0.0.1`,
      `certfile ${join(folder, 'cert')}`,
      `keyfile ${join(folder, 'key')}`,
    ]
    broker = await mosquitto([...user, ...secure(tlsPort), ...secure(wssPort), 'protocol websockets'])
  })

  afterAll(async () => {
    await broker?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const to = (): string => `mqtt://127.0.0.1:${broker.port}`

  test.each([
    ['mqtt31_qos', { subscribe: 5, 'publish-confirm': 26, deliver: 38, 'deliver-ack': 26, unsubscribe: 2 }],
    ['mqtt311_qos', { subscribe: 5, 'publish-confirm': 26, deliver: 38, 'deliver-ack': 26, unsubscribe: 2 }],
    ['mqtt5_qos', { subscribe: 5, 'publish-confirm': 26, deliver: 38, 'deliver-ack': 26, unsubscribe: 2 }],
    ['mqtt311_session', { deliver: 8, 'deliver-ack': 8 }],
    ['mqtt311_retainwill', { deliver: 8 }],
    ['mqtt5_retainwill', { deliver: 8 }],
    ['mqtt5_props', { deliver: 9 }],
    ['mqtt_errors', { connect: 12 }],
    // Packets captured out of their order: answers before what they answer.
    ['../captures/mqtt311_reorder30', { 'publish-confirm': 800, deliver: 1012, 'deliver-ack': 612 }],
  ])('%s is the same again, message for message', async (name, counts) => {
    await expectSame(`${FIXTURES}/${name}.pcap${name.startsWith('..') ? '.gz' : ''}`, to(), counts)
  })

  test('at the pace of the recording it takes as long as then', async () => {
    const { code, stderr } = await replay(`${FIXTURES}/mqtt311_qos.pcap`, to(), '--speed', '1', '--expect', 'same')
    expect(code).toBe(0)
    expect(Number(/ in ([\d.]+) s$/m.exec(stderr)?.[1])).toBeGreaterThanOrEqual(0.3)
  })

  test('a broker that answers otherwise: what differs, and exit code 1 where sameness is expected', async () => {
    const file = `${FIXTURES}/mqtt311_auth.pcap`
    const { code, kinds, deviations } = await replay(file, to(), '--timeout', '300ms', '--expect', 'same')
    expect(code).toBe(1)
    expect(kinds.connect).toEqual([1, 3, 0, 0])
    expect(deviations.map(({ live }) => live)).toEqual(Array(3).fill('ok Connection accepted'))
    expect((await replay(file, to(), '--timeout', '300ms')).code).toBe(0)
  })

  test('a recording of the run replays the same, to a password that was overwritten', async () => {
    const path = await recordingPath()
    const recorded = await replay(`${FIXTURES}/mqtt311_auth.pcap`, to(), '--timeout', '300ms', '-w', path)
    expect(recorded.code).toBe(0)
    const again = await replay(path, to(), '--expect', 'same')
    expect(again.code).toBe(2)
    expect(again.stderr).toMatch(
      /flow 1: the recording has no password of alice: it was overwritten\n.*--user and --pass/,
    )
    const { code, kinds } = await replay(path, to(), '--expect', 'same', '--user', 'alice', '--password', 'x')
    expect({ code, kinds }).toEqual({ code: 0, kinds: { connect: [4, 0, 0, 0], 'publish-confirm': [1, 0, 0, 0] } })
  })

  test('what was recorded in the clear is played over TLS, to whom is trusted', async () => {
    const secure = `mqtts://127.0.0.1:${tlsPort}`
    const file = `${FIXTURES}/mqtt5_props.pcap`
    const { code, kinds } = await replay(file, secure, '--ca', join(folder, 'ca'), '--expect', 'same')
    expect(code).toBe(0)
    expect(kinds.deliver).toEqual([9, 0, 0, 0])
    expect((await replay(file, secure)).code).toBe(3)
  })

  test('what was recorded over TCP is played over WebSocket, and over WebSocket in TLS', async () => {
    const counts = { subscribe: [5, 0, 0, 0], 'publish-confirm': [26, 0, 0, 0], deliver: [38, 0, 0, 0] }
    const file = `${FIXTURES}/mqtt5_qos.pcap`
    const plain = await replay(file, `ws://127.0.0.1:${broker.wsPort}/mqtt`, '--expect', 'same')
    expect(plain.kinds).toMatchObject(counts)
    expect(plain.code).toBe(0)
    const secure = await replay(file, `wss://127.0.0.1:${wssPort}`, '--ca', join(folder, 'ca'), '--expect', 'same')
    expect(secure.kinds).toMatchObject(counts)
    expect(secure.code).toBe(0)
    const untrusted = await replay(file, `wss://127.0.0.1:${wssPort}`)
    expect(untrusted.code).toBe(3)
  })

  test('what was recorded over WebSocket is played over either', async () => {
    const file = 'fixtures/websocket/mqttws5_props.pcap'
    for (const url of [to(), `ws://127.0.0.1:${broker.wsPort}`]) {
      const { code, kinds } = await replay(file, url, '--expect', 'same')
      expect({ code, deliver: kinds.deliver }).toEqual({ code: 0, deliver: [9, 0, 0, 0] })
    }
  })

  test('only the connections that are asked for', async () => {
    const file = `${FIXTURES}/mqtt311_session.pcap`
    const one = await replay(file, to(), '--flow', '2')
    expect(Object.keys(one.kinds).sort()).toEqual(['connect', 'publish-confirm'])
    expect(one.stderr).toContain('1 connection and')
    const same = await replay(file, to(), '-Y', 'mqtt.clientId == "sp4"')
    expect(same.kinds).toEqual(one.kinds)
  })

  test('what does not come is waited for, told, and gone on without', async () => {
    // The subscriber alone: nobody publishes.
    const { code, kinds, stderr } = await replay(
      `${FIXTURES}/mqtt311_qos.pcap`,
      to(),
      '--flow',
      '1',
      '--timeout',
      '200ms',
    )
    expect(code).toBe(0)
    expect(kinds.deliver?.[2]).toBeGreaterThan(0)
    expect(stderr).toMatch(/flow 1: \d+ frames of the recording did not come, first a message on q\/0/)
  })

  test('twice, three of each, with other topics', async () => {
    const flags = ['--loop', '2', '--copies', '3', '--map', 'q/*=other/*', '--flow', '2']
    const { code, kinds, stderr } = await replay(`${FIXTURES}/mqtt311_qos.pcap`, to(), ...flags, '--expect', 'same')
    expect(code).toBe(0)
    expect(kinds['publish-confirm']).toEqual([26 * 6, 0, 0, 0])
    expect(stderr).toContain('6 connections')
  })
})

test('connections that cannot be replayed over what is asked for are left out, and it is said', async () => {
  const { code, stdout, stderr } = await replay('fixtures/coap/coap_udp_basic.pcap', ':1')
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/16 connections left out: CoAP cannot be replayed over tcp\n/)
})

test('nobody there, nothing to be read, nonsense', async () => {
  const file = `${FIXTURES}/mqtt311_qos.pcap`
  expect((await replay(file, 'mqtt://127.0.0.1:1')).code).toBe(3)
  expect((await replay(file, 'stomp://127.0.0.1:1')).stderr).toContain(
    '2 connections left out: MQTT is not spoken at stomp://',
  )
  expect((await replay('package.json', 'mqtt://127.0.0.1:1')).code).toBe(4)
  expect((await replay(file, 'ws://127.0.0.1:1')).code).toBe(3)
  expect((await replay(file, 'coaps://127.0.0.1:1')).code).toBe(2)
  expect((await replay(file, ':1', '--map', 'x')).code).toBe(2)
})
