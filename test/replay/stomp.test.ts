import { once } from 'node:events'
import net from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mqinspect } from '../commands/cli.ts'
import { isMissing, rabbitmq } from '../interop/brokers.ts'
import { type ActiveMq, activemq } from '../interop/java.ts'
import { jsonLines } from '../output/shown.ts'
import { recordingPath } from '../recording/record.ts'
import { expectSame, replay } from './replay.ts'

const FIXTURES = 'fixtures/stomp'
const LISTENERS = ['stomp.listeners.tcp.1', 'web_stomp.tcp.listener']

/** Leaves a message in a queue. */
async function send(port: number, destination: string, body: string): Promise<void> {
  const socket = net.connect(port, '127.0.0.1')
  socket.write('CONNECT\naccept-version:1.2\nhost:/\nlogin:guest\npasscode:guest\n\n\0')
  socket.write(`SEND\ndestination:${destination}\n\n${body}\0DISCONNECT\nreceipt:sent\n\n\0`)
  socket.resume()
  await once(socket, 'close')
}

describe.skipIf(isMissing('rabbitmq-server'))('against RabbitMQ (skipped where it is not installed)', () => {
  let ports: readonly number[] = []
  let stop: (() => Promise<void>) | undefined

  beforeAll(async () => {
    ;({ ports, stop } = await rabbitmq(['rabbitmq_stomp', 'rabbitmq_web_stomp'], LISTENERS))
  }, 120_000)

  afterAll(() => stop?.())

  const to = (): string => `stomp://127.0.0.1:${ports[0]}`

  test.each([
    ['rabbit_tx', { connect: 1, transaction: 2, deliver: 4, 'deliver-ack': 4, disconnect: 1 }],
    // Each connection ends with an ERROR.
    ['rabbit_errors', { connect: 6 }],
    ['rabbit_heartbeat', { connect: 1, disconnect: 1 }],
  ])('%s is the same again, message for message', async (name, counts) => {
    await expectSame(`${FIXTURES}/${name}.pcap`, to(), counts)
  })

  test('what was recorded over WebSocket is played over WebSocket', async () => {
    const file = `${FIXTURES}/ws_rabbit_plain.pcap.gz`
    const { code, kinds } = await replay(file, `ws://127.0.0.1:${ports[1]}/ws`, '--expect', 'same')
    expect(kinds).toMatchObject({ deliver: [23, 0, 0, 0], 'deliver-ack': [23, 0, 0, 0], transaction: [1, 0, 0, 0] })
    expect(code).toBe(0)
  })

  test('acknowledgements of all kinds; what was given back comes mixed with the rest as the broker pleases', async () => {
    // In the recording it was there already.
    await send(ports[0] as number, '/queue/st.ack.client', 'client9')
    const { kinds, deviations } = await replay(`${FIXTURES}/rabbit_acks.pcap`, to())
    expect(kinds['deliver-ack']).toEqual([37, 0, 0, 0])
    const [same = 0, different = 0, ...rest] = kinds.deliver ?? []
    expect([same + different, ...rest]).toEqual([37, 0, 0])
    for (const { live } of deviations) expect(live).toMatch(/^[78] bytes/)
  })

  test('heart-beats go out as was agreed now, whenever the recording has its own', async () => {
    const path = await recordingPath()
    const file = `${FIXTURES}/rabbit_heartbeat.pcap`
    const beats = async (...flags: string[]): Promise<number> => {
      const { code } = await replay(file, to(), '--expect', 'same', '-w', path, ...flags)
      expect(code).toBe(0)
      const { stdout } = await mqinspect(['decode', path, '--json'])
      return jsonLines(stdout).filter(({ type, from }) => type === 'heartbeat' && from === 'client').length
    }
    // One in 1000 ms was agreed, and it lasts 3.5 s.
    expect(await beats('--speed', '1')).toBeGreaterThanOrEqual(3)
    expect(await beats()).toBe(0)
  })

  test('copies have queues of their own, and destinations can be others', async () => {
    const file = `${FIXTURES}/rabbit_tx.pcap`
    const copies = await replay(file, to(), '--copies', '5', '--loop', '2', '--expect', 'same')
    expect({ code: copies.code, deviations: copies.deviations }).toEqual({ code: 0, deviations: [] })
    expect(copies.kinds['deliver-ack']).toEqual([40, 0, 0, 0])
    const path = await recordingPath()
    const mapped = await replay(file, to(), '--map', '/queue/st.*=/queue/other.*', '--expect', 'same', '-w', path)
    expect(mapped.kinds['deliver-ack']).toEqual([4, 0, 0, 0])
    const masked = await replay(path, to())
    expect(masked.stderr).toMatch(/flow 1: the recording has no passcode of guest: it was overwritten\nGive --user/)
    const read = await replay(path, `stomp://guest:guest@127.0.0.1:${ports[0]}`, '--expect', 'same')
    expect(read.code).toBe(0)
  })

  test('a broker of another make: what ActiveMQ was asked RabbitMQ does, and says what otherwise', async () => {
    const guest = ['--user', 'guest', '--password', 'guest', '--timeout', '1s']
    const { kinds } = await replay(`${FIXTURES}/activemq_versions.pcap`, to(), ...guest)
    expect(kinds).toMatchObject({ deliver: [12, 0, 0, 0], 'publish-confirm': [4, 0, 0, 0] })
    const refused = await replay(`${FIXTURES}/activemq_errors.pcap`, to(), ...guest, '--expect', 'same')
    expect(refused.code).toBe(1)
    expect(refused.deviations).toContainEqual(
      expect.objectContaining({ kind: 'connect', verdict: 'different', live: 'failed Version mismatch' }),
    )
  })
})

describe.skipIf(isMissing('activemq'))('against ActiveMQ (skipped where it is not installed)', () => {
  let broker: ActiveMq

  beforeAll(async () => {
    broker = await activemq({ name: 'admin', password: 'admin' })
  }, 120_000)

  afterAll(() => broker?.stop())

  const to = (): string => `stomp://127.0.0.1:${broker.stomp}`

  test.each([
    ['activemq_versions', { connect: 5, 'publish-confirm': 4, deliver: 12, disconnect: 4 }],
    ['activemq_tx', { connect: 1, transaction: 2, deliver: 4, 'deliver-ack': 4 }],
    ['activemq_errors', { connect: 6 }],
  ])('%s is the same again, message for message', async (name, counts) => {
    await expectSame(`${FIXTURES}/${name}.pcap`, to(), counts)
  })

  test('a broker of another make: what RabbitMQ gave back at once ActiveMQ does not; told, not a crash', async () => {
    const flags = ['--user', 'admin', '--password', 'admin', '--timeout', '500ms', '--expect', 'same']
    const { code, kinds, stderr } = await replay(`${FIXTURES}/rabbit_acks.pcap`, to(), ...flags)
    expect(code).toBe(1)
    expect(kinds.connect).toEqual([1, 0, 0, 0])
    expect(kinds.disconnect).toEqual([1, 0, 0, 0])
    expect(kinds.deliver?.[2]).toBeGreaterThan(0)
    expect(stderr).toMatch(/flow 1: \d+ frames of the recording did not come, first a message from \/queue\/st\.ack/)
  })
})
