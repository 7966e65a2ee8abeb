import { once } from 'node:events'
import net from 'node:net'
import { Aedes } from 'aedes'
import { connectAsync, type MqttClient } from 'mqtt'
import { expect, onTestFinished, test } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import { compareRuns } from '../../src/diff/compare.ts'
import { follow } from '../../src/diff/follow.ts'
import { Run } from '../../src/diff/run.ts'
import { inspection } from '../../src/inspection.ts'
import { Inspector } from '../../src/inspector.ts'
import { parseRoute } from '../../src/net/index.ts'
import { loadPayloads } from '../../src/payload/index.ts'
import { startProxy } from '../../src/proxy/index.ts'

interface Work {
  readonly keepalive?: number
  readonly readings?: readonly object[]
  readonly topic?: string
  /** Whether a subscription comes before the readings. */
  readonly listens?: boolean
}

const READINGS = [1, 2, 3].map(n => ({ n, celsius: 20 + n }))

/** A client that publishes readings to a broker of its own, through the proxy. */
async function run({
  keepalive = 60,
  readings = READINGS,
  topic = 'rooms/1',
  listens = true,
}: Work = {}): Promise<Run> {
  const broker = await Aedes.createBroker()
  const server = net.createServer(broker.handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const seen = new Run(await loadPayloads())
  const { observer, finish } = follow(seen)
  const upstream = `127.0.0.1:${(server.address() as net.AddressInfo).port}`
  const proxy = await startProxy({
    routes: [parseRoute(`0=${upstream}`, codecs)],
    sink: new Inspector(inspection(), observer),
    onEvent: () => {},
  })
  onTestFinished(async () => {
    await proxy.close()
    await new Promise<void>(resolve => broker.close(resolve))
    server.close()
  })
  const client: MqttClient = await connectAsync(`mqtt://127.0.0.1:${proxy.routes[0]?.listen.port}`, { keepalive })
  if (listens) await client.subscribeAsync('rooms/#', { qos: 1 })
  for (const reading of readings) {
    const delivered = listens && new Promise(resolve => client.once('message', resolve))
    await client.publishAsync(topic, JSON.stringify(reading), { qos: 1 })
    await delivered
  }
  await client.endAsync()
  await proxy.close()
  finish()
  return seen
}

const told = (a: Run, b: Run): string[] =>
  compareRuns(a, b)
    .filter(({ counts }) => counts)
    .map(({ section, change, subject, path = '', a, b, count }) =>
      [section, change, subject, path, JSON.stringify(a), JSON.stringify(b), count]
        .filter(part => part !== '')
        .join(' '),
    )

test('two runs of the same work are the same, though the client has another name', async () => {
  const [a, b] = [await run(), await run()]
  expect(a.messageCount).toBe(6)
  expect(told(a, b)).toEqual([])
})

test('what was agreed on, sent, subscribed to and answered is told where it differs', async () => {
  const before = await run()
  const readings = READINGS.map(reading => (reading.n === 2 ? { ...reading, celsius: 99 } : reading))
  expect(told(before, await run({ keepalive: 10, readings }))).toEqual([
    'connections changed connect keepAlive 60 10 1',
    'messages changed publish rooms/1 body.celsius 22 99 1',
    'messages changed deliver rooms/1 body.celsius 22 99 1',
  ])
})

test('what is gone is told section by section', async () => {
  const [before, after] = [await run(), await run({ listens: false, readings: READINGS.slice(1) })]
  expect(told(before, after)).toEqual([
    'topology missing subscription rooms/# {"qos":1}  1',
    'messages missing publish rooms/1 {"celsius":21,"n":1}  1',
    'messages missing deliver rooms/1 {"celsius":21,"n":1}  3',
    'outcomes missing subscribe rooms/# {"ok Granted QoS 1":1}  1',
    'outcomes changed publish-confirm rooms/1 ok puback 3 2 1',
    'outcomes missing deliver-ack rooms/1 {"ok puback":3}  3',
  ])
})
