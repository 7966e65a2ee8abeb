import { describe, expect, it } from 'vitest'
import type { GroupPlan, Plan, PublishPlan } from '../../src/load/plan.ts'
import { account, expected } from '../../src/load/proof.ts'
import type { PortableSubscription } from '../../src/load/protocol.ts'
import { Receipts } from '../../src/load/receipts.ts'
import { groupOf } from '../../src/load/spec.ts'
import { noCounts } from '../../src/load/tally.ts'

const PUBLISHERS = groupOf({ name: 'p', upstream: ['mqtt://localhost'], publish: { destination: ['x'] } }, 1)
const CONSUMERS = groupOf({ name: 'c', upstream: ['mqtt://localhost'], consume: { source: ['x'] } }, 1)

const planOf = (...groups: GroupPlan[]): Plan => ({
  run: 1,
  groups,
  seconds: 1,
  steered: false,
  drain: 1,
  idle: Number.POSITIVE_INFINITY,
  interval: 1,
  timeout: 1,
  tls: { ca: undefined, insecure: false, 'server-name': undefined, 'client-cert': undefined, 'client-key': undefined },
})

const PLAN = planOf(PUBLISHERS, CONSUMERS)

const receipts = (numbers: Iterable<number>) => {
  const noted = new Receipts()
  for (const number of numbers) noted.note(number)
  return noted.portable
}

const stream = (id: number, destination: string, sent: number, excused?: readonly number[]) => ({
  id,
  group: 'p',
  destination,
  sent,
  unmarked: 0,
  excused: excused === undefined ? undefined : receipts(excused),
  answered: undefined,
})

const subscription = (
  source: string,
  client: number | undefined,
  came: Readonly<Record<number, readonly number[]>>,
): PortableSubscription => ({
  group: 'c',
  client,
  source,
  receipts: Object.entries(came).map(([id, numbers]) => [Number(id), receipts(numbers)] as const),
  unmarked: 0,
  sated: false,
})

/** Deliveries that are waited for, of the one group that consumes. */
const awaited = (...run: Parameters<typeof expected>): number => expected(...run).deliveries.get('c') ?? 0

const counts = (some: Partial<ReturnType<typeof noCounts>>) => ({ ...noCounts(), ...some })

describe('the account of a run', () => {
  it('adds up where all that was sent was confirmed and came', () => {
    const proof = account(
      PLAN,
      counts({ sent: 3, confirmed: 3 }),
      [stream(1, 'a/b', 3)],
      [subscription('a/#', 0, { 1: [0, 1, 2] })],
    )
    expect(proof.lines).toEqual(['sent 3 = 3 confirmed', 'to be delivered 3 = delivered 3 + lost 0'])
    expect(proof.ok).toBe(true)
  })

  it('names what was lost', () => {
    const proof = account(
      PLAN,
      counts({ sent: 4, confirmed: 4 }),
      [stream(1, 'a/b', 4)],
      [subscription('a/b', 0, { 1: [0, 3] })],
    )
    expect(proof).toMatchObject({ ok: false, delivered: 2, missing: 2, lost: ['p a/b message 2', 'p a/b message 3'] })
  })

  it('expects a message of each subscription that it should have come to, and of no other', () => {
    const streams = [stream(1, 'a/1', 2), stream(2, 'a/2', 3)]
    const all = [subscription('a/1', 0, {}), subscription('a/+', 1, {}), subscription('b', 2, {})]
    expect(awaited(PLAN, streams, all)).toBe(2 + 5)
    expect(account(PLAN, counts({ sent: 5 }), streams, all).missing).toBe(7)
  })

  it('does not expect what was refused, and does not mind if it comes', () => {
    const streams = [stream(1, 'a', 4, [1, 2])]
    const proof = account(PLAN, counts({ sent: 4, confirmed: 2, refused: 2 }), streams, [
      subscription('a', 0, { 1: [0, 2, 3] }),
    ])
    expect(proof).toMatchObject({ ok: true, delivered: 3, missing: 0 })
  })

  it('puts together what a shared subscription got through several workers', () => {
    const streams = [stream(1, 'x', 4)]
    const parts = [
      subscription('$share/g/x', undefined, { 1: [0, 2] }),
      subscription('$share/g/x', undefined, { 1: [1, 2, 3] }),
    ]
    expect(awaited(PLAN, streams, parts)).toBe(4)
    expect(account(PLAN, counts({ sent: 4 }), streams, parts)).toMatchObject({
      ok: true,
      delivered: 4,
      duplicates: 1,
      missing: 0,
    })
  })

  it('of what has no stamp tells how much came, and that it cannot tell what', () => {
    const plain = (unmarked: number) => ({ ...stream(1, 'x', 0), unmarked })
    const came = { ...subscription('x', 0, {}), unmarked: 3 }
    expect(awaited(PLAN, [plain(4)], [came])).toBe(4)
    const proof = account(PLAN, counts({ sent: 4, confirmed: 4 }), [plain(4)], [came])
    expect(proof).toMatchObject({ ok: true, delivered: 3, missing: 0 })
    expect(proof.lines).toEqual([
      'sent 4 = 4 confirmed',
      'without a stamp, so that loss cannot be told: to be delivered 4, came 3',
    ])
  })

  it('does not add up while answers are missing', () => {
    const proof = account(PLAN, counts({ sent: 2, confirmed: 1, unconfirmed: 1 }), [stream(1, 'x', 2, [1])], [])
    expect(proof).toMatchObject({ ok: false, lines: ['sent 2 = 1 confirmed + 1 unconfirmed'] })
  })

  it('does not miss what is left in a queue, as its consumers had their count', () => {
    const streams = [stream(1, 'a', 6)]
    const queue = { ...subscription('a', undefined, { 1: [0, 1, 3] }), sated: true }
    const proof = account(PLAN, counts({ sent: 6, confirmed: 6 }), streams, [queue])
    expect(proof).toMatchObject({ ok: true, delivered: 3, missing: 0 })
    expect(proof.lines[1]).toBe('to be delivered 6 = delivered 3 + lost 0 + left 3, as consumers had their count')
    // One consumer that shares it was still there for more.
    expect(account(PLAN, counts({ sent: 6 }), streams, [queue, { ...queue, sated: false }]).missing).toBe(3)
  })

  it('misses what did not come to who was alone, before it had its count', () => {
    const proof = account(
      PLAN,
      counts({ sent: 6, confirmed: 6 }),
      [stream(1, 'a', 6)],
      [{ ...subscription('a', 0, { 1: [0, 1, 3] }), sated: true }],
    )
    expect(proof).toMatchObject({ ok: false, missing: 1, lost: ['p a message 3'] })
    expect(proof.lines[1]).toContain('= delivered 3 + lost 1 + left 2')
  })

  it('tells which answers came too late', () => {
    const late = counts({ sent: 3, confirmed: 1, unconfirmed: 2, answeredLate: 1 })
    expect(account(PLAN, late, [stream(1, 'x', 3, [1, 2])], []).lines).toEqual([
      'sent 3 = 1 confirmed + 2 unconfirmed, 1 of these answered too late',
    ])
  })

  it('takes each request by itself: that one was answered twice makes up for none that was not', () => {
    const asking = planOf({ ...PUBLISHERS, publish: { ...(PUBLISHERS.publish as PublishPlan), requests: true } })
    const asked = (...answered: number[]) => ({ ...stream(1, 'x', 4, [1]), answered: receipts(answered) })
    const all = counts({ sent: 4, confirmed: 3, unroutable: 1 })
    const good = account(asking, all, [asked(0, 2, 3, 3)], [])
    expect(good.ok).toBe(true)
    expect(good.lines.at(-1)).toBe(
      'asked 4 = answered 3 + without a reply 0 + 1 refused, unroutable or unconfirmed; 1 came again, from others or once more',
    )
    const bad = account(asking, all, [asked(0, 2, 2, 1)], [])
    expect(bad.ok).toBe(false)
    expect(bad.lines.at(-1)).toMatch(/^asked 4 = answered 3 \+ without a reply 1;/)
  })

  it('says where nobody listens', () => {
    const { lines } = account(PLAN, counts({ sent: 2 }), [stream(1, 'x', 2)], [subscription('y', 0, {})])
    expect(lines.at(-1)).toBe('2 were sent where no consumer of this run listens: x')
  })

  it('takes levels of topics for words of keys, where a broker speaks both', () => {
    const option = ['exchange=amq.topic', 'exchangeType=topic']
    const amqp = groupOf({ name: 'c', upstream: ['amqp://localhost'], option, consume: { source: ['a.#'] } }, 1)
    const plan = planOf(PUBLISHERS, amqp)
    expect(awaited(plan, [stream(1, 'a/b', 5)], [subscription('a.#', 0, {})])).toBe(5)
    expect(awaited(plan, [stream(1, 'b/a', 5)], [subscription('a.#', 0, {})])).toBe(0)
  })
})
