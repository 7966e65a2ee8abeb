import { expect, test } from 'vitest'
import { inspection } from '../../src/inspection.ts'
import { type LoadOptions, loadScripts } from '../../src/mock/load.ts'
import { Signatures } from '../../src/mock/signatures.ts'

const load = (path: string, more: Partial<LoadOptions> = {}) =>
  loadScripts(
    { path },
    {
      inspection: inspection(),
      capture: { ports: new Set([1883, 5672]) },
      signatures: new Signatures(),
      ...more,
    },
  )

test('a recording that would take too much memory is refused, with what to do', async () => {
  await expect(load('fixtures/mqtt/mqtt311_qos.pcap', { most: 10_000 })).rejects.toMatchObject({
    exit: 4,
    message: 'the recording would take more than 10.0 kB of memory',
    next: expect.stringContaining('--flow'),
  })
})

test('what was published is tied to what was delivered, over all connections', async () => {
  const { scripts } = await load('fixtures/mqtt/mqtt311_qos.pcap')
  const [sub, pub] = scripts
  const deliveries = sub!.lines.filter(({ kind, packets }) => kind === 'event' && packets.length > 0)
  expect(deliveries).toHaveLength(38)
  for (const { cause, echo, time } of deliveries) {
    expect(echo).toBe(cause)
    expect(cause?.script).toBe(pub)
    expect(cause?.time).toBeLessThanOrEqual(time)
  }
})

test('of those that are chosen, nothing is tied to the others', async () => {
  const { scripts } = await load('fixtures/mqtt/mqtt311_qos.pcap', { flows: new Set([1]) })
  expect(scripts.map(({ flow }) => flow)).toEqual([1])
  const deliveries = scripts[0]!.lines.filter(({ kind, packets }) => kind === 'event' && packets.length > 0)
  expect(deliveries).toHaveLength(38)
  expect(deliveries.filter(({ cause }) => cause !== undefined)).toEqual([])
})

test('what cannot be played is left out, and counted', async () => {
  const { scripts, leftOut } = await load('fixtures/amqp091/midstream.pcap')
  expect(scripts).toEqual([])
  expect([...leftOut]).toEqual([['the recording does not have the beginning', 1]])
})
