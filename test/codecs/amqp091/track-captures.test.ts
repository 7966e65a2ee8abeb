import { describe, expect, it } from 'vitest'
import type { Exchange, Message } from '../../../codecs/core/index.ts'
import { capture } from '../../filter/captures.ts'
import { type Story, storyOf } from '../../tracking/story.ts'

/** What RabbitMQ and real clients said to each other; the numbers are those that the clients counted themselves. */
const of = (name: string): Promise<Story> => storyOf(capture(`amqp091/${name}.pcap`))

const outcomes = (exchanges: readonly Exchange[], kind: string): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { outcome = '' } of exchanges.filter(exchange => exchange.kind === kind)) {
    counts[outcome] = (counts[outcome] ?? 0) + 1
  }
  return counts
}
const way = (messages: readonly Message[], direction: Message['direction']): readonly Message[] =>
  messages.filter(message => message.direction === direction)

describe('captures', () => {
  it('of confirms, negative ones and returns', async () => {
    const { exchanges, open, messages } = await of('confirms')
    expect(outcomes(exchanges, 'publish-confirm')).toEqual({ ack: 20, nack: 20, 'returned 312 NO_ROUTE': 6 })
    expect(way(messages, 'publish')).toHaveLength(46)
    expect(open).toEqual([])
  })

  it('of acknowledgements in all their forms', async () => {
    const { exchanges, open, changes, messages } = await of('acks')
    expect(outcomes(exchanges, 'deliver-ack')).toEqual({
      ack: 28,
      nack: 4,
      'nack requeued': 2,
      reject: 5,
      recovered: 5,
    })
    expect(outcomes(exchanges, 'basic.get')).toEqual({ '': 7, empty: 2 })
    expect(messages.filter(({ properties }) => 'consumerTag' in properties)).toHaveLength(37)
    expect(changes.filter(({ kind, action }) => kind === 'consumer' && action === 'remove')).toHaveLength(1)
    expect(open).toEqual([])
  })

  it('of transactions', async () => {
    const { exchanges } = await of('tx')
    const tx = exchanges.filter(({ kind }) => kind.startsWith('tx.')).map(({ kind, ok }) => [kind, ok])
    expect(tx).toEqual([
      ['tx.select', true],
      ['tx.commit', true],
      ['tx.rollback', true],
    ])
  })

  it('of a handshake, every kind of exchange and a request that nobody answered', async () => {
    const { exchanges, open, changes } = await of('basic')
    expect(open).toEqual([])
    expect(exchanges.filter(({ ok }) => ok !== true)).toMatchObject([
      { kind: 'rpc', id: 'corr-1', scope: 'reply.q', address: 'x.topic/stock.ibm.nyse', outcome: 'connection closed' },
    ])
    const left = new Set<string>()
    for (const { action, kind, name, parent } of changes) {
      const what = `${kind} ${parent ?? ''} ${name}`
      if (action === 'remove') left.delete(what)
      else if (action === 'add') left.add(what)
    }
    const bound = ' → amq.gen-Qo0OxmWLMeeAeFo5PKpQuA'
    expect([...left]).toEqual([
      'exchange  x.fanout',
      'queue  amq.gen-Qo0OxmWLMeeAeFo5PKpQuA',
      `binding x.headers ${bound}`,
      'binding x.direct rk → q.basic',
    ])
  })

  it('of what brokers refuse', async () => {
    const { exchanges } = await of('errors')
    const failed = exchanges.filter(({ ok }) => ok === false)
    expect(failed.map(({ kind, address, outcome }) => `${kind} ${address} ${outcome?.slice(0, 16)}`)).toEqual([
      'queue.declare does.not.exist 404 NOT_FOUND - ',
      'exchange.declare nope 404 NOT_FOUND - ',
      'exchange.declare x.pre 406 PRECONDITION',
      'queue.declare amq.reserved 403 ACCESS_REFUS',
      'exchange.declare x.bad 503 COMMAND_INVA',
      'queue.declare q.excl 405 RESOURCE_LOC',
      'connection.start-ok PLAIN 403 ACCESS_REFUS',
      'connection.open novhost 530 NOT_ALLOWED ',
      'connection.start-ok PLAIN 403 ACCESS_REFUS',
    ])
  })

  it('of a connection that was joined in the middle', async () => {
    // All 61 publishes and 40 deliveries are there; the consumer is known once it acknowledged one of the first.
    const { exchanges, open, messages } = await of('midstream')
    expect([way(messages, 'publish').length, way(messages, 'deliver').length]).toEqual([61, 40])
    expect(messages.every(({ whole, address }) => whole && address === 'q.mid')).toBe(true)
    expect([exchanges, open].flat().every(({ kind }) => kind === 'deliver-ack')).toBe(true)
    expect(outcomes(exchanges, 'deliver-ack')).toEqual({ ack: 3 })
    expect(open).toHaveLength(30)
  })

  it('of a connection that broke off', async () => {
    const { open, exchanges } = await of('abort')
    expect(open).toEqual([])
    expect(exchanges.at(-1)).toMatchObject({ kind: 'queue.declare', ok: true })
  })
})
