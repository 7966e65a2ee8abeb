import { describe, expect, it } from 'vitest'
import { UNSETTLED } from '../../codecs/amqp091/delimit.ts'
import { amqp091 } from '../../codecs/amqp091/index.ts'
import { trafficRules } from '../../src/findings/index.ts'
import { deliver, opening, publish, type Step } from '../codecs/amqp091/talk.ts'
import { bytesOf } from '../tracking/story.ts'
import { findings } from './found.ts'

/** What is found where these connections to a RabbitMQ follow each other, each at its port. */
const duplicates = (...connections: readonly (readonly Step[] & { port?: number })[]): string[] =>
  findings(
    inspector => {
      let time = 0
      connections.forEach((steps, at) => {
        const { port = 5672 } = steps
        const client = { host: '10.0.0.1', port: 40_000 + at }
        const server = { host: '10.0.0.2', port }
        const id = at + 1
        const flow = inspector.open({ id, transport: 'stream', client, server, started: time, joined: 'start' })
        for (const step of steps) {
          time += 1000
          if ('client' in step) flow.data('client', bytesOf(amqp091, step.client, UNSETTLED), time, 0, 0)
          else if ('server' in step) flow.data('server', bytesOf(amqp091, step.server, UNSETTLED), time, 0, 0)
        }
        flow.close(time)
      })
    },
    trafficRules.filter(({ id }) => id === 'duplicate-message-id'),
    [5672, 5673].map(port => ({ transport: 'stream', port, codec: amqp091 })),
  ).filter(line => line.startsWith('duplicate-message-id '))

const named = (messageId: string, routingKey = 'q'): Step[] => publish(routingKey, {}, { messageId })

describe('duplicate-message-id', () => {
  it('tells of a message that is published again, once', () => {
    expect(duplicates([...opening, ...named('m-1'), ...named('m-2'), ...named('m-1'), ...named('m-1')])).toEqual([
      'duplicate-message-id note: message m-1 to q was published again [3 9]',
    ])
  })

  it('tells of one that is published again after a reconnect', () => {
    expect(duplicates([...opening, ...named('m-1')], [...opening, ...named('m-1')])).toEqual([
      'duplicate-message-id note: message m-1 to q was published again, first on flow 1 [3 8]',
    ])
  })

  it.each<[string, Step[][]]>([
    ['identifiers that differ', [[...named('m-1'), ...named('m-2')]]],
    ['one message to several queues', [[...named('m-1', 'a'), ...named('m-1', 'b')]]],
    ['a message that is published and delivered', [[...named('m-1')], [...deliver(1, {}, { messageId: 'm-1' })]]],
    ['one that is delivered again', [[...deliver(1, {}, { messageId: 'm' }), ...deliver(2, {}, { messageId: 'm' })]]],
    ['messages without an identifier', [[...publish('q'), ...publish('q'), ...named(''), ...named('')]]],
  ])('leaves alone %s', (_, connections) => {
    expect(duplicates(...connections)).toEqual([])
  })

  it('leaves alone what goes to another broker', () => {
    const there = Object.assign([...opening, ...named('m-1')], { port: 5673 })
    expect(duplicates([...opening, ...named('m-1')], there)).toEqual([])
  })
})
