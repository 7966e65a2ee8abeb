import { describe, expect, it } from 'vitest'
import { randomOf } from '../../src/load/arrivals.ts'
import { Messages } from '../../src/load/messages.ts'
import type { PublishPlan } from '../../src/load/plan.ts'
import { Properties } from '../../src/load/properties.ts'
import { type GroupSpec, groupOf, type PublishSpec } from '../../src/load/spec.ts'

const planOf = (publish: PublishSpec, more: Partial<GroupSpec> = {}): PublishPlan =>
  groupOf({ name: 'g', upstream: ['amqp://localhost'], publish, ...more }, 1).publish as PublishPlan

const namesOf = (client: number) => ({ client, clientId: `c-${client}`, user: '', group: 'g', run: '00000001' })

const message = (sequence: number, random = randomOf(3)) => ({ sequence, random, run: 1, columns: {}, row: sequence })

/** Sizes of bodies, and where they go, of messages that are due at these seconds. */
function sent(publish: PublishSpec, seconds: readonly number[], client = 0): (readonly [string, number])[] {
  const messages = new Messages(planOf(publish), namesOf(client), 2, false, randomOf(1))
  const random = randomOf(3)
  return seconds.map((elapsed, sequence) => {
    const { destination, body } = messages.next(elapsed * 1000)
    const bytes = typeof body === 'function' ? body(message(sequence, random)) : body
    return [destination.text, bytes.length]
  })
}

describe('what a client publishes', () => {
  it('is each of its sizes to each of its destinations, in turn; clients do not all begin with the same', () => {
    const publish = { destination: ['a', 'b'], size: ['100', '200'] }
    const all = [0, 0, 0, 0, 0]
    const turn = [
      ['a', 100],
      ['b', 100],
      ['a', 200],
      ['b', 200],
      ['a', 100],
    ]
    expect(sent(publish, all)).toEqual(turn)
    expect(sent(publish, all, 1)).toEqual([...turn.slice(1), ['b', 100]])
  })

  it('is of one size for a time, and then of the next, over and over', () => {
    const publish = { destination: ['a'], size: ['100:1s', '200:2s'] }
    expect(sent(publish, [0, 0.9, 1, 2.9, 3, 4]).map(([, size]) => size)).toEqual([100, 100, 200, 200, 100, 200])
  })

  it('is of any size between two, each with the same chance', () => {
    const sizes = sent({ destination: ['a'], size: ['100..109'] }, Array(1000).fill(0)).map(([, size]) => size)
    expect(new Set(sizes)).toEqual(new Set(Array.from({ length: 10 }, (_, at) => 100 + at)))
    for (const size of new Set(sizes)) expect(sizes.filter(each => each === size).length).toBeGreaterThan(60)
  })
})

describe('what messages say of themselves', () => {
  const settings = { priority: undefined, exchange: 'x' }
  const of = (publish: PublishSpec, option: string[] = [], client = 0) =>
    new Properties(planOf({ destination: ['a'], ...publish }, { option }), settings, namesOf(client))

  it('is put together once, where it is the same in all of them', () => {
    const properties = of({ header: ['who=%c', 'sale=100%'], 'content-type': 'text/plain' })
    expect(properties.isDynamic).toBe(false)
    expect(properties.of(message(0))).toBe(properties.of(message(1)))
    expect(properties.of(message(0))).toEqual({
      contentType: 'text/plain',
      headers: { who: 'c-0', sale: '100%' },
      settings: undefined,
    })
  })

  it('differs from message to message where it is a template: headers, options, the content type', () => {
    const publish = { header: ['tenant=%{a|b|c}', 'n=%s'], 'content-type': '%{text/plain|application/json}' }
    const properties = of(publish, ['priority=%{1|9}', 'persistent=%{true|false}'], 1)
    expect(properties.isDynamic).toBe(true)
    expect([0, 1].map(sequence => properties.of(message(sequence)))).toEqual([
      {
        contentType: 'application/json',
        headers: { tenant: 'b', n: '0' },
        settings: { exchange: 'x', priority: 9, persistent: false },
      },
      {
        contentType: 'text/plain',
        headers: { tenant: 'c', n: '1' },
        settings: { exchange: 'x', priority: 1, persistent: true },
      },
    ])
  })

  it.each([
    ['priority=%{1|300}', 'priority=300: a whole number up to 255'],
    ['priority=%rand_256', 'priority=256'],
    ['persistent=%s', 'persistent=1: true or false'],
    ['exchange=%{a|b}', undefined],
    ['priority=%{1|2}', undefined],
    ['expiration=%s', undefined],
  ])('%s: each value that it comes to must be one', (option, wrong) => {
    const plan = () => planOf({ destination: ['a'] }, { option: [option] })
    if (wrong === undefined) expect(plan).not.toThrow()
    else expect(plan).toThrow(wrong)
  })

  it('is said last of what is said twice', () => {
    expect(planOf({ destination: ['a'] }, { option: ['priority=%rand_9', 'priority=3'] }).options).toEqual({})
  })
})
