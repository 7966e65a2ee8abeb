import { expect, test } from 'vitest'
import { type Driver, Outbox, OutboxMemory } from '../../codecs/core/index.ts'
import type { PublishPlan } from '../../src/load/plan.ts'
import { Publisher } from '../../src/load/publisher.ts'
import { groupOf } from '../../src/load/spec.ts'
import { Stalls } from '../../src/load/stalls.ts'
import { Stamper } from '../../src/load/stamp.ts'
import { Tally } from '../../src/load/tally.ts'

/** A publisher whose messages are answered as the test says; its slots are 0, 1, 2 … */
function publishing(spec: { readonly 'answer-timeout'?: string; readonly count?: string }) {
  const publish = { destination: ['a'], rate: '1', ...spec }
  const plan = groupOf({ name: 'p', upstream: ['amqp://localhost'], publish }, 1).publish as PublishPlan
  const tally = new Tally()
  const publisher = new Publisher({
    ...{ plan, tally, settings: {}, clients: 1, inFlight: 8, run: 1, stamper: new Stamper(1), number: () => 1 },
    stalls: new Stalls(() => ''),
    names: { client: 0, clientId: 'c', user: '', group: 'p', run: '00000001' },
  })
  const outbox = new Outbox(new OutboxMemory(), false)
  let slot = 0
  const driver = {
    plate: ({ body }: { readonly body: Uint8Array }) => ({ bytes: body, bodyAt: 0 }),
    publish: ({ bytes }: { readonly bytes: Uint8Array }) => {
      outbox.bodyAt = outbox.put(bytes)
      return slot++
    },
  } as unknown as Driver
  return { publisher, tally, send: (at: number) => publisher.send(driver, outbox, at, at) }
}

test('what waits for its answer for too long is unanswered, once, and its answer comes too late', () => {
  const { publisher, tally, send } = publishing({ 'answer-timeout': '500ms' })
  for (const at of [0, 100, 1000]) send(at)
  expect([publisher.expire(500), publisher.expire(601), publisher.expire(602)]).toEqual([0, 2, 0])
  expect(publisher.open).toBe(1)
  publisher.answered(0, 'accepted', 700)
  publisher.answered(2, 'accepted', 1100)
  // What is never answered is not counted again when the connection ends.
  publisher.lost(1200)
  expect(tally.counts).toMatchObject({ sent: 3, confirmed: 1, unconfirmed: 2, answeredLate: 1 })
  expect(publisher.open).toBe(0)
  // Nobody can expect the two.
  expect(publisher.streams[0]?.excused?.missing(3, 3).first).toEqual([2])
})

test('who has sent as many as each is to is done', () => {
  const { publisher, send } = publishing({ count: '2/client' })
  send(0)
  expect(publisher.isSpent).toBe(false)
  send(1)
  expect(publisher.isSpent).toBe(true)
})
