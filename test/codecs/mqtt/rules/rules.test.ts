import { describe, expect, it } from 'vitest'
import { mqtt } from '../../../../codecs/mqtt/index.ts'
import type { Ending } from '../../../../src/flow.ts'
import { findings, found } from '../../../findings/found.ts'
import { bytesOf } from '../../../tracking/story.ts'
import { connecting } from './connecting.ts'
import { messages } from './messages.ts'
import { type Cases, connack, connect, disconnect, type Step } from './say.ts'
import { subscribing } from './subscribing.ts'

const cases: Cases = { ...connecting, ...messages, ...subscribing }
const V5 = { version: 5, guessed: false }

/** Written as the CONNECT at the beginning says. */
const contextOf = ([first]: readonly Step[]): typeof V5 => {
  const frame = first !== undefined && 'client' in first ? first.client : undefined
  const known = frame !== undefined && !(frame instanceof Uint8Array) && frame.type === 'connect'
  return known ? { version: frame.protocolVersion, guessed: false } : V5
}

describe.each(Object.entries(cases))('mqtt/%s', (name, { shows, not, joined }) => {
  const told = (steps: readonly Step[]): string[] =>
    found(mqtt, contextOf(steps), steps, joined)
      .filter(line => line.startsWith(`mqtt/${name} `))
      .map(line => line.slice(`mqtt/${name} `.length))

  it.each(Object.entries(shows))('tells of %s', (_, [steps, ...expected]) => {
    expect(told(steps)).toEqual(expected)
  })

  it.each(Object.entries(not))('leaves alone %s', (_, steps) => {
    expect(told(steps)).toEqual([])
  })
})

/** `found` knows no ends of connections: what depends on them is said here. */
describe('mqtt/will-published', () => {
  const willing = connect({ willTopic: 'status/probe', willPayload: new Uint8Array(), willQos: 0 })
  const told = (steps: readonly Step[], ending: Ending | undefined): string[] =>
    findings(
      inspector => {
        const [client, server] = ['10.0.0.1', '10.0.0.2'].map(host => ({ host, port: 1883 })) as [never, never]
        const flow = inspector.open({ id: 1, transport: 'stream', client, server, started: 0, joined: 'start' })
        let time = 0
        for (const step of steps) {
          time += 1000
          if ('client' in step) flow.data('client', bytesOf(mqtt, step.client, V5), time, 0, 0)
          else if ('server' in step) flow.data('server', bytesOf(mqtt, step.server, V5), time, 0, 0)
        }
        if (ending !== undefined) for (const side of ['client', 'server'] as const) flow.end(side, time, ending)
        flow.close(time)
      },
      [],
      [{ transport: 'stream', port: 1883, codec: mqtt }],
    ).filter(line => line.startsWith('mqtt/will-published'))

  it.each<Ending>(['fin', 'reset'])('tells of a client that is gone (%s)', ending => {
    expect(told([willing, connack()], ending)).toEqual([
      'mqtt/will-published note: closed without DISCONNECT: the will goes to status/probe [1]',
    ])
  })

  it('tells of a client that asks for its will to be published', () => {
    expect(told([willing, connack(), { client: disconnect(4) }], 'fin')).toHaveLength(1)
  })

  it.each<[string, readonly Step[], Ending | undefined]>([
    ['a client that says goodbye', [willing, connack(), { client: disconnect() }], 'fin'],
    ['one without a will', [connect(), connack()], 'reset'],
    ['one that was not let in', [willing, connack({}, { reasonCode: 0x87 })], 'fin'],
    ['the end of the capture', [willing, connack()], undefined],
  ])('leaves alone %s', (_, steps, ending) => {
    expect(told(steps, ending)).toEqual([])
  })
})

it('has a case for each rule, and a rule for each case', () => {
  const ids = (mqtt.rules ?? []).map(({ id }) => id)
  const tested = [...Object.keys(cases), 'will-published'].map(name => `mqtt/${name}`)
  expect(tested.toSorted()).toEqual(ids.toSorted())
})
