import { describe, expect, it } from 'vitest'
import type { AnyCodec, FrameShape } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'
import { frameFields } from '../../src/fields/index.ts'
import { show } from '../../src/output/index.ts'
import { plain, shown, written } from '../output/shown.ts'
import { toy, traffic } from '../output/toy.ts'
import { decoded } from './captures.ts'

const MQTT = 'captures/mqtt5.pcap.gz'
const AMQP = 'captures/amqp091-basic.pcap'

// biome-ignore lint/suspicious/noExplicitAny: rows are JSON of any protocol
type Json = any
type Case = readonly [filter: string, meaning: (row: Json) => boolean]

/** The rows that a filter lets through are those whose JSON it is true of. */
function table(file: string, cases: readonly Case[]): void {
  describe(`filters over ${file}`, () => {
    it.each(cases)('%s', async (filter, meaning) => {
      const all: Json[] = await decoded(file, {})
      const wanted = all.filter(meaning).map(row => row.frame)
      const found: Json[] = await decoded(file, { filter })
      expect(found.map(row => row.frame)).toEqual(wanted)
      expect(wanted.length).toBeGreaterThan(0)
      expect(wanted.length).toBeLessThan(all.length)
    })
  })
}

table(MQTT, [
  ['mqtt.topic == "p5/all"', row => row.mqtt.topic === 'p5/all'],
  ['mqtt.topic ~ "sh/+"', row => /^sh\/[^/]*$/.test(row.mqtt.topic)],
  ['mqtt.topic ~i "P5/#"', row => /^p5(\/|$)/.test(row.mqtt.topic)],
  ['mqtt.topic matches "^p5/.*l$"', row => /^p5\/.*l$/.test(row.mqtt.topic ?? '')],
  ['mqtt.qos > 0', row => row.mqtt.qos > 0],
  ['mqtt.packetId', row => row.mqtt.packetId !== undefined],
  ['!mqtt.packetId', row => row.mqtt.packetId === undefined],
  ['mqtt.publish', row => row.type === 'publish'],
  ['type == publish && from == client', row => row.type === 'publish' && row.from === 'client'],
  ['type in {puback, pubrec}', row => row.type === 'puback' || row.type === 'pubrec'],
  ['type matches "^pub"', row => row.type.startsWith('pub')],
  ['mqtt.keepAlive == 1m', row => row.mqtt.keepAlive === 60],
  ['mqtt.subscriptions.topicFilter contains "grp"', row => row.mqtt.subscriptions?.[0].topicFilter.includes('grp')],
  ['mqtt.topicFilters == "p5/#"', row => row.mqtt.topicFilters?.includes('p5/#')],
  ['mqtt.reasonCodes != 0', row => row.mqtt.reasonCodes?.every((code: number) => code !== 0)],
  ['mqtt.payload contains "a" && mqtt.retain == false', row => row.mqtt.payload?.includes('a') && !row.mqtt.retain],
  ['flow == 2', row => row.flow === 2],
  ['frame in {3..5, 9}', row => [3, 4, 5, 9].includes(row.frame)],
  ['length >= 80', row => row.length >= 80],
  ['length > 0.09kB', row => row.length > 90],
  ['summary contains "qos=2"', row => row.summary.includes('qos=2')],
  ['time < "2026-11-23T07:08:53.2Z"', row => row.time < '2026-11-23T07:08:53.200000000Z'],
  ['mqtt.remainingLength >= 7', row => row.mqtt.remainingLength >= 7],
])

table(AMQP, [
  ['amqp091.basic.publish', row => row.type === 'basic.publish'],
  ['type ~ "basic.*"', row => row.type.startsWith('basic.')],
  ['amqp091.routingKey ~ "stock.#"', row => /^stock(\.|$)/.test(row.amqp091.routingKey)],
  ['amqp091.routingKey == stock.ibm.nyse', row => row.amqp091.routingKey === 'stock.ibm.nyse'],
  ['amqp091.deliveryTag >= 2', row => Number(row.amqp091.deliveryTag) >= 2],
  ['amqp091.properties.headers.big > 1000000000000', row => row.amqp091.properties?.headers?.big > 1e12],
  ['amqp091.properties.headers.buf == 00:01:ff', row => row.amqp091.properties?.headers?.buf?.base64 === 'AAH/'],
  ['amqp091.properties.headers.t.nested.deep == "two"', row => row.amqp091.properties?.headers?.t !== undefined],
  ['amqp091.properties.headers.n', row => row.amqp091.properties?.headers?.n !== undefined],
  ['amqp091.heartbeat > 30s', row => row.amqp091.heartbeat > 30],
  ['amqp091.frameMax == 128KiB', row => row.amqp091.frameMax === 131_072],
  ['amqp091.body', row => row.type === 'body'],
  ['amqp091.redelivered == false', row => row.amqp091.redelivered === false],
  ['amqp091.noAck', row => row.amqp091.noAck !== undefined],
])

/** The inspector reads what tells facts. */
const withoutFacts = ({ frames }: AnyCodec): AnyCodec['frames'] =>
  Object.fromEntries(Object.entries(frames).map(([type, shape]) => [type, { ...(shape as FrameShape), facts: false }]))

describe('a filter of frames', () => {
  it('leaves the frames their numbers', async () => {
    const found = await decoded(AMQP, { filter: 'type == basic.publish', count: 2 })
    expect(found.map(row => row.frame)).toEqual([36, 42])
  })

  it('counts what it lets through in statistics', async () => {
    const filter = 'type == basic.publish'
    const [total]: Json[] = await decoded(AMQP, { filter, view: 'stats' })
    expect(total).toMatchObject({ frames: { client: (await decoded(AMQP, { filter })).length, server: 0 } })
  })

  it('chooses connections in their view', async () => {
    const flows = async (filter: string) => (await decoded(MQTT, { filter, view: 'flows' })).map(row => row.flow)
    expect(await flows('mqtt')).toEqual([1, 2])
    expect(await flows('clientId == "p5s"')).toEqual([1])
    expect(await flows('durationUs > 1h')).toEqual([])
    expect(await flows('frames.client > 15 && ending != reset')).toEqual([2])
    await expect(flows('mqtt.topic')).rejects.toMatchObject({ exit: 2 })
  })

  it('sees secrets as they are shown', async () => {
    expect(await shown({ filter: 'toy.password == "***"', fields: ['frame'] })).toBe('1\n')
    expect(await shown({ filter: 'toy.password == "s3cret"', fields: ['frame'] })).toBe('')
    expect(await shown({ filter: 'toy.password == "s3cret"', fields: ['frame'], secrets: true })).toBe('1\n')
  })

  it('sees what is no frame, too', async () => {
    expect(await shown({ filter: 'type in {malformed, gap}', fields: ['frame'] })).toBe('4\n5\n')
    expect(await shown({ filter: '_ws.malformed', fields: ['frame'] })).toBe('4\n')
    expect(await shown({ filter: 'diagnostics', fields: ['frame'] })).toBe('2\n4\n')
    expect(await shown({ filter: 'diagnostics.code == bad-word', fields: ['frame'] })).toBe('2\n')
    expect(await shown({ filter: 'bytes == 09:09:09', fields: ['frame'] })).toBe('4\n')
    expect(await shown({ filter: 'toy.text', fields: ['frame'] })).toBe('2\n6\n')
    expect(await shown({ filter: 'ipv6.src == ::1 && ip.dst == 10.0.0.1', fields: ['frame'] })).toBe('4\n5\n')
    expect(await shown({ filter: 'ip.src == 10.0.0.0/8', fields: ['frame'] })).toBe('2\n')
    expect(await shown({ filter: 'tcp.srcport == 7', fields: ['frame'] })).toBe('3\n4\n5\n')
    expect(await shown({ filter: 'frame.time_relative > 999ms', fields: ['frame'] })).toBe('3\n4\n5\n6\n')
    expect(await shown({ filter: 'toy.big == 9', fields: ['frame'] })).toBe('3\n')
  })

  it('reads only frames that can have what it asks for', async () => {
    let reads = 0
    const counting: AnyCodec = {
      ...toy,
      frames: withoutFacts(toy),
      read: (reader, context, side) => {
        reads++
        return toy.read(reader, context, side)
      },
    }
    const count = async (filter: string): Promise<number> => {
      reads = 0
      await written(output => {
        const viewer = show(output, { ...plain, codecs: [counting], filter })
        traffic(viewer, [counting])
        viewer.finish()
      })
      return reads
    }
    expect(await count('type == many && flow == 7')).toBe(0)
    expect(await count('protocol == toy && flow == 7 && from == client')).toBe(0)
    expect(await count('toy.big == 1')).toBe(1)
    expect(await count('toy.text == "x"')).toBe(2)
    expect(await count('toy.text == "x" && toy.text != "y"')).toBe(2)
    expect(await count('toy.text == "x" && from == server')).toBe(0)
  })

  it('is told the names of all protocols', () => {
    const names = new Set(frameFields(codecs).names.map(({ name }) => name))
    for (const { id, frames } of codecs) {
      for (const [type, { fields }] of Object.entries<{ fields: object }>(frames)) {
        expect(names).toContain(`${id}.${type}`)
        for (const field of Object.keys(fields)) expect(names).toContain(`${id}.${field}`)
      }
    }
  })

  it('finds everything that has a name', () => {
    const fields = frameFields(codecs)
    for (const { name, test } of fields.names) {
      const path = name.split('.')
      expect(test === true ? fields.test(path) : fields.find(path), name).toBeDefined()
    }
  })
})
