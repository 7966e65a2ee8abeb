import { expect, test } from 'vitest'
import { inspection } from '../../src/inspection.ts'
import { loadScripts } from '../../src/mock/load.ts'
import { Signatures } from '../../src/mock/signatures.ts'

const load = (path: string, most?: number) =>
  loadScripts(
    { path },
    {
      inspection: inspection(),
      capture: { ports: new Set([1883, 5672]) },
      chosen: () => true,
      signatures: new Signatures(),
      ...(most === undefined ? {} : { most }),
    },
  )

test('a recording that would take too much memory is refused, with what to do', async () => {
  await expect(load('fixtures/mqtt/mqtt311_qos.pcap', 10_000)).rejects.toMatchObject({
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

test('what cannot be played is left out, and counted', async () => {
  const { scripts, leftOut } = await load('fixtures/amqp091/midstream.pcap')
  expect(scripts).toEqual([])
  expect([...leftOut]).toEqual([['the recording does not have the beginning', 1]])
})
