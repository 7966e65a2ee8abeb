import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { type Flow, Inspector } from '../src/index.ts'
import { inspection } from '../src/inspection.ts'

const CONNECT = Buffer.from('101000044d5154540402003c00046e616d65', 'hex')
const CONNACK = Buffer.from('20020000', 'hex')

/** `count` MQTT connections, and what they were. */
function connections(count: number, inspector: Inspector, end: boolean): void {
  const endpoint = { host: '127.0.0.1', port: 1883 }
  for (let id = 1; id <= count; id++) {
    const flow = inspector.open({
      id,
      transport: 'stream',
      client: endpoint,
      server: endpoint,
      started: 0,
      joined: 'start',
    })
    flow.data('client', CONNECT, 1, 0, 0)
    flow.data('server', CONNACK, 2, 0, 0)
    if (end) flow.close(3)
  }
}

test('of a flow that is over what it was is kept, and not what it took to find that out', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const heapOf = (end: boolean): number => {
    const flows: Flow[] = []
    const inspector = new Inspector(inspection(), { opened: flow => void flows.push(flow) })
    connections(100, inspector, end)
    collect()
    const before = process.memoryUsage().heapUsed
    connections(5000, inspector, end)
    collect()
    expect(flows).toHaveLength(5100)
    return (process.memoryUsage().heapUsed - before) / 5000
  }
  expect(heapOf(true)).toBeLessThan(heapOf(false) / 2)
})

test('a flow that is over still tells all that it was', () => {
  const flows: Flow[] = []
  const inspector = new Inspector(inspection(), { closed: flow => void flows.push(flow) })
  connections(1, inspector, true)
  expect(flows[0]).toMatchObject({ undecided: false, carriers: [], frames: { client: 1, server: 1 }, ended: 3 })
  expect(flows[0]!.codec?.id).toBe('mqtt')
  expect(flows[0]!.facts.client).toMatchObject({ clientId: 'name' })
  expect(flows[0]!.partial('client')).toBeUndefined()
})
