import { expect, test } from 'vitest'
import { findBrokers } from '../../src/net/index.ts'
import { toy } from '../output/toy.ts'
import { deadPort, upstream } from '../proxy/world.ts'

test('finds who answers on the usual ports, and says whose ports those are', async () => {
  const port = Number((await upstream(() => {})).split(':')[1])
  const other = { ...toy, id: 'other', ports: [await deadPort(), port] }
  const packets = { ...toy, id: 'packets', transport: 'datagram' as const, ports: [port] }
  const found = await findBrokers([{ ...toy, ports: [port] }, other, packets])
  expect(found.map(({ port, codecs }) => [port, codecs.map(({ id }) => id)])).toEqual([[port, ['toy', 'other']]])
})
