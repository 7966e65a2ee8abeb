import { describe, expect, it } from 'vitest'
import { readRecorded } from '../../../src/load/recorded/index.ts'
import type { RunSpec } from '../../../src/load/run-spec.ts'
import { withSources } from '../../../src/load/sources.ts'
import type { GroupSpec } from '../../../src/load/spec.ts'
import { loads } from '../scenario/files.ts'

const capture = (name: string): string => new URL(`../../../fixtures/captures/${name}`, import.meta.url).pathname
const MQTT = capture('mqtt5.pcap.gz')
const AMQP = capture('amqp091-basic.pcap')
const { signal } = new AbortController()

describe('messages of a recording', () => {
  it('are those that were published, with where, what and when', async () => {
    const { messages, count, times, seconds } = await readRecorded(MQTT, undefined, signal)
    expect(messages).toHaveLength(count)
    expect(times).toHaveLength(count)
    expect(times[0]).toBe(0)
    expect([...times]).toEqual([...times].toSorted((a, b) => a - b))
    expect(seconds).toBeGreaterThan(times.at(-1) ?? 0)
    expect(messages[0]).toMatchObject({ protocol: 'mqtt', settings: {} })
    expect(messages.every(({ destination }) => destination !== '')).toBe(true)
  })

  it('are those that match a filter, if there are any', async () => {
    const all = await readRecorded(MQTT, undefined, signal)
    const [{ destination = '' } = {}] = all.messages
    const some = await readRecorded(MQTT, `mqtt.topic == ${JSON.stringify(destination)}`, signal)
    expect(some.messages).toEqual(all.messages.filter(each => each.destination === destination))
    await expect(readRecorded(MQTT, 'message.size > 1000000000', signal)).rejects.toThrow(
      'no messages in it that match',
    )
    await expect(readRecorded(MQTT, 'mqtt.topc == 1', signal)).rejects.toThrow('mqtt.topc')
  })
})

const specOf = (...groups: GroupSpec[]): RunSpec => ({
  settings: {},
  steps: [{ kind: 'load', name: 'load', groups }],
})

describe('a group that publishes a recording', () => {
  it('publishes to where it went, and consumers of the run consume that', async () => {
    const [step] = loads(
      await withSources(
        specOf(
          { name: 'p', upstream: ['mqtt://localhost'], publish: { from: MQTT } },
          { name: 'c', upstream: ['mqtt://localhost'], consume: {} },
          { name: 'own', upstream: ['mqtt://localhost'], consume: { source: ['x'] } },
        ),
        signal,
      ),
    )
    const [p, c, own] = step?.groups ?? []
    const { destination = [], recorded } = p?.publish ?? {}
    expect(destination.length).toBeGreaterThan(0)
    expect(c?.consume?.source).toEqual(destination)
    expect(own?.consume?.source).toEqual(['x'])
    expect(recorded?.words).toMatch(/^\d+ messages of .*mqtt5\.pcap\.gz in turn$/)
    for (const body of recorded?.bodies ?? []) {
      expect(body).toMatchObject({ bytes: expect.any(Uint8Array), destination: expect.any(Number) })
    }
  })

  it('publishes elsewhere where that is said', async () => {
    const spec = specOf({ name: 'p', upstream: ['mqtt://localhost'], publish: { from: MQTT, destination: ['x/%i'] } })
    const [step] = loads(await withSources(spec, signal))
    const { destination, recorded } = step?.groups[0]?.publish ?? {}
    expect(destination).toEqual(['x/%i'])
    expect(new Set(recorded?.bodies.map(body => 'destination' in body && body.destination))).toEqual(
      new Set([undefined]),
    )
  })

  it('is what consumers consume who do not say what, if there is any', async () => {
    const spec = specOf({ name: 'c', upstream: ['mqtt://localhost'], consume: {} })
    await expect(withSources(spec, signal)).rejects.toThrow('c: what it consumes is not said')
  })

  it('of AMQP goes to the exchange that most of it went to, for who speaks AMQP', async () => {
    const { messages } = await readRecorded(AMQP, undefined, signal)
    const exchanges = Map.groupBy(messages, ({ settings }) => settings.exchange ?? '')
    const [[most = '', chosen = []] = []] = [...exchanges].sort((a, b) => b[1].length - a[1].length)
    const publish = { from: AMQP }
    const spec = specOf(
      { name: 'a', upstream: ['amqp://localhost'], publish },
      { name: 'b', upstream: ['mqtt://localhost'], publish },
    )
    const [a, b] = loads(await withSources(spec, signal))[0]?.groups ?? []
    expect(a?.option).toEqual(most === '' ? [] : [`exchange=${most}`])
    expect(a?.publish?.recorded?.bodies).toHaveLength(chosen.length)
    expect(b?.option).toEqual([])
    expect(b?.publish?.recorded?.bodies).toHaveLength(messages.length)
  })
})
