import { describe, expect, it } from 'vitest'
import { UNSETTLED } from '../../../../codecs/amqp091/delimit.ts'
import { amqp091 } from '../../../../codecs/amqp091/index.ts'
import { found } from '../../../findings/found.ts'
import type { Step } from '../talk.ts'
import { acknowledging } from './acknowledging.ts'
import { type Cases, times } from './case.ts'
import { channels } from './channels.ts'
import { connection } from './connection.ts'
import { publishing } from './publishing.ts'
import { queues } from './queues.ts'

const cases: Cases = { ...connection, ...channels, ...publishing, ...queues, ...acknowledging }

describe.each(Object.entries(cases))('amqp091/%s', (name, { shows, not, joined }) => {
  const told = (steps: readonly Step[]): string[] =>
    found(amqp091, UNSETTLED, steps, joined)
      .filter(line => line.startsWith(`amqp091/${name} `))
      .map(line => line.slice(`amqp091/${name} `.length))

  it.each(Object.entries(shows))('tells of %s', (_, [steps, ...expected]) => {
    expect(told(steps)).toEqual(expected)
  })

  it.each(Object.entries(not))('leaves alone %s', (_, steps) => {
    expect(told(steps)).toEqual([])
  })
})

it('has a case for each rule, and a rule for each case', () => {
  const ids = (amqp091.rules ?? []).map(({ id }) => id)
  expect(Object.keys(cases).map(name => `amqp091/${name}`)).toEqual(expect.arrayContaining(ids))
  expect(ids).toHaveLength(Object.keys(cases).length)
})

it('says what is wrong, why it matters and what to do, each rule for itself', () => {
  const rules = amqp091.rules ?? []
  for (const { id, title, why, fix } of rules) {
    expect(id).toMatch(/^amqp091\/[a-z0-9-]+$/)
    for (const said of [title, why, fix]) expect(said).not.toBe('')
  }
  expect(new Set(rules.map(({ title }) => title)).size).toBe(rules.length)
})

it('has nothing to say of silence', () => {
  expect(
    found(
      amqp091,
      UNSETTLED,
      times(3, () => [{ ms: 1 }]),
    ),
  ).toEqual([])
})
