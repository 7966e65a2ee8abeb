import { describe, expect, it } from 'vitest'
import { coap, coapTcp } from '../../../../codecs/coap/index.ts'
import { capture } from '../../../filter/captures.ts'
import { found, foundIn } from '../../../findings/found.ts'
import { signal } from '../messages.ts'
import { answering } from './answering.ts'
import type { Cases, Step } from './say.ts'
import { sending } from './sending.ts'
import { series } from './series.ts'

const cases: Cases = { ...sending, ...answering, ...series }

describe.each(Object.entries(cases))('coap/%s', (name, { shows, not }) => {
  const told = (steps: readonly Step[]): string[] =>
    found(coap, null, steps)
      .filter(line => line.startsWith(`coap/${name} `))
      .map(line => line.slice(`coap/${name} `.length))

  it.each(Object.entries(shows))('tells of %s', (_, [steps, ...expected]) => {
    expect(told(steps)).toEqual(expected)
  })

  it.each(Object.entries(not))('leaves alone %s', (_, steps) => {
    expect(told(steps)).toEqual([])
  })
})

describe('coap/aborted', () => {
  const opening: Step[] = [{ client: signal('csm') }, { server: signal('csm') }]
  const context = { first: false, maxMessageSize: undefined }

  it('tells of a connection that is aborted, and why', () => {
    expect(found(coapTcp, context, [...opening, { server: signal('abort', { payload: 'too large' }) }])).toEqual([
      'coap/aborted error: the server aborts the connection: too large [3]',
    ])
  })

  it('leaves alone one that is released', () => {
    expect(found(coapTcp, context, [...opening, { server: signal('release') }])).toEqual([])
  })
})

it('has a case for each rule, and a rule for each case', () => {
  const ids = (coap.rules ?? []).map(({ id }) => id)
  const tested = [...Object.keys(cases), 'aborted'].map(name => `coap/${name}`)
  expect(tested.toSorted()).toEqual(ids.toSorted())
  expect(coapTcp.rules).toBe(coap.rules)
})

/** What a client and a server of libcoap said to each other: all that is found in it. */
it.each<[string, readonly string[]]>([
  ['basic.pcap', ['coap/bad-option error: get / was answered 4.02 Bad Option [29 30]']],
  ['block.pcap.gz', []],
  ['observe.pcap', []],
])('finds what there is in a capture: %s', async (name, expected) => {
  expect(await foundIn(capture(`coap/coap_udp_${name}`))).toEqual(expected)
})
