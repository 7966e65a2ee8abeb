import { expect, test } from 'vitest'
import { Leftovers } from '../../src/load/leftovers.ts'
import type { Plan } from '../../src/load/plan.ts'
import { Secrets } from '../../src/load/secrets/index.ts'
import { type GroupSpec, groupOf } from '../../src/load/spec.ts'
import { freePorts } from '../interop/brokers.ts'

const planOf = (...groups: Partial<GroupSpec>[]): Plan =>
  ({
    ...{ run: 1, timeout: 1, tls: {} },
    groups: groups.map((group, at) => groupOf({ name: `g${at}`, cleanup: true, ...group }, 1)),
  }) as unknown as Plan

test('what nobody can take away is told, the first by name, each once, with why', async () => {
  const [port] = await freePorts(1)
  const plan = planOf({ upstream: [`amqp://127.0.0.1:${port}`] })
  const leftovers = new Leftovers()
  for (let client = 0; client < 2; client++) {
    for (let each = 0; each < 7; each++) {
      leftovers.add(plan, { group: 'g0', client, made: { kind: 'queue', name: `q${each}` } })
    }
  }
  expect(await leftovers.remove(new Secrets())).toEqual({
    removed: undefined,
    kept: [...[0, 1, 2, 3, 4].map(each => `queue q${each}: connection refused`), '2 more'],
  })
})

test('what a protocol has no way to take away is told once, where it is wanted', async () => {
  const [stomp, coap] = ['stomp://127.0.0.1', 'coap://127.0.0.1'].map(url => ({ upstream: [url] }))
  const leftovers = new Leftovers()
  leftovers.expect(planOf(stomp!, stomp!, coap!, { upstream: ['amqp://127.0.0.1'] }))
  const { kept } = await leftovers.remove(new Secrets())
  expect(kept).toEqual([expect.stringContaining('STOMP')])
  const none = new Leftovers()
  none.expect(planOf({ ...stomp!, cleanup: false }))
  expect((await none.remove(new Secrets())).kept).toEqual([])
})
