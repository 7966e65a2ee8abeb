import { expect, it } from 'vitest'
import { UNSETTLED } from '../../codecs/amqp091/delimit.ts'
import { amqp091 } from '../../codecs/amqp091/index.ts'
import type { Exchange } from '../../codecs/core/index.ts'
import { Diagnosis, trafficRules } from '../../src/findings/index.ts'
import { inspection } from '../../src/inspection.ts'
import { Inspector } from '../../src/inspector.ts'
import { Tracking } from '../../src/tracking/index.ts'
import { confirming, consuming, deliver, publish, type Step } from '../codecs/amqp091/talk.ts'
import { bytesOf } from './story.ts'

const LIMIT = 500
const MESSAGES = 5000

it('gives up the oldest where more wait than there is room for, and counts them', () => {
  const open = new Set<Exchange>()
  const unanswered: Exchange[] = []
  const outcomes = new Map<string | undefined, number>()
  let most = 0
  const diagnosis = new Diagnosis(
    {
      began: (_, exchange) => {
        open.add(exchange)
        most = Math.max(most, open.size)
      },
      ended: (_, exchange) => {
        open.delete(exchange)
        outcomes.set(exchange.outcome, (outcomes.get(exchange.outcome) ?? 0) + 1)
      },
      unanswered: (_, exchange) => unanswered.push(exchange),
    },
    trafficRules,
  )
  const tracking = new Tracking(diagnosis, { exchanges: LIMIT })
  const inspector = new Inspector(inspection([{ transport: 'stream', port: 5672, codec: amqp091 }]), tracking)
  inspector.start(0n)
  const flows = [1, 2].map(id =>
    inspector.open({
      id,
      transport: 'stream',
      client: { host: '127.0.0.1', port: 40_000 + id },
      server: { host: '127.0.0.1', port: 5672 },
      started: 0,
      joined: 'start',
    }),
  )
  let time = 0
  const say = (at: number, steps: readonly Step[]): void => {
    for (const step of steps) {
      time += 1000
      if ('client' in step) flows[at]?.data('client', bytesOf(amqp091, step.client, UNSETTLED), time, 0, 0)
      else if ('server' in step) flows[at]?.data('server', bytesOf(amqp091, step.server, UNSETTLED), time, 0, 0)
    }
  }
  say(0, confirming)
  say(1, consuming())
  for (let at = 1; at <= MESSAGES; at++) {
    say(0, publish('q'))
    say(1, deliver(at))
  }
  tracking.finish()
  diagnosis.finish()

  // A connection that has none open begins its first beyond the limit.
  expect(most).toBeLessThanOrEqual(LIMIT + flows.length)
  expect(outcomes.get('given up')).toBe(tracking.givenUp)
  expect(unanswered.length + tracking.givenUp).toBe(2 * MESSAGES)
  expect(open).toEqual(new Set(unanswered))
  // What is left is the youngest of each.
  const confirms = unanswered.filter(({ kind }) => kind === 'publish-confirm').map(({ id }) => id)
  expect(confirms).toEqual(confirms.map((_, at) => MESSAGES - confirms.length + 1 + at))
  expect(confirms.length).toBeGreaterThan(0)
})
