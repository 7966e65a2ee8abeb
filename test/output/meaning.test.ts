import { describe, expect, it } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import { readCapture } from '../../src/capture/index.ts'
import { inspection } from '../../src/inspection.ts'
import { Inspector } from '../../src/inspector.ts'
import { type ShowOptions, show } from '../../src/output/index.ts'
import { capture, decoded } from '../filter/captures.ts'
import { plain, written } from './shown.ts'

const QOS = 'mqtt/mqtt5_qos.pcap'

const text = (options: Partial<ShowOptions>): Promise<string> =>
  written(async output => {
    const viewer = show(output, { ...plain, codecs, ...options })
    await readCapture({ path: capture(QOS) }, new Inspector(inspection(), viewer))
    viewer.finish()
  })

describe('--view messages', () => {
  it('has a row a message, numbered over the whole input', async () => {
    const [row] = await decoded(QOS, { view: 'messages', filter: 'mqtt.topic == "q/1" && from == server', count: 1 })
    expect(row).toMatchObject({
      message: 29,
      flow: 1,
      protocol: 'mqtt',
      from: 'server',
      direction: 'deliver',
      address: 'q/1',
      destination: { topic: 'q/1' },
      properties: { qos: 1, retain: false },
      size: 11,
      body: 'msg 0 qos 1',
    })
  })

  it('is filtered by its own values, and by those of its frames', async () => {
    const rows = async (filter: string): Promise<number> => (await decoded(QOS, { view: 'messages', filter })).length
    expect(await rows('message.size > 10 && direction == publish')).toBe(31)
    expect(await rows('mqtt.qos == 2 && direction == publish')).toBe(12)
    expect(await rows('body contains "t"')).toBeGreaterThan(0)
    expect(await rows('mqtt.connect')).toBe(0)
  })

  it('shows the body below', async () => {
    expect(await text({ view: 'messages', count: 1 })).toBe(
      '     1  07:08:21.892064   #2 → mqtt     publish q/0  11 B  frames 7\n        text msg 0 qos 0\n',
    )
  })
})

describe('--view exchanges', () => {
  it('ties a request to its answer', async () => {
    const [row] = await decoded(QOS, { view: 'exchanges', filter: 'kind == publish-confirm && steps' })
    expect(row).toMatchObject({
      protocol: 'mqtt',
      kind: 'publish-confirm',
      address: 'q/2',
      request: 10,
      reply: 13,
      elapsedUs: 364,
      ok: true,
      steps: [
        { type: 'pubrec', frame: 11 },
        { type: 'pubrel', frame: 12 },
      ],
    })
  })

  it('can be asked for by time', async () => {
    const slow = await decoded(QOS, { view: 'exchanges', filter: 'elapsedUs > 40ms' })
    expect(slow.length).toBeGreaterThan(0)
    expect(slow.every(({ elapsedUs }) => Number(elapsedUs) > 40_000)).toBe(true)
  })
})

describe('frames, by what they completed', () => {
  it('are found by an exchange that took long', async () => {
    const frames = await decoded(QOS, { filter: 'exchange.elapsedUs > 40ms && mqtt.puback' })
    const exchanges = await decoded(QOS, { view: 'exchanges', filter: 'elapsedUs > 40ms' })
    const replies = new Set(exchanges.map(({ reply }) => reply))
    expect(frames.length).toBeGreaterThan(0)
    expect(frames.every(({ frame }) => replies.has(frame))).toBe(true)
  })
})

describe('--view sequence', () => {
  it('is a ladder with the answers tied', async () => {
    const ladder = await text({ view: 'sequence', flows: new Set([2]), count: 5, style: { ...plain.style, width: 96 } })
    expect(ladder.trimEnd().split('\n')).toEqual([
      'flow 2 mqtt             127.0.0.1:38694                 127.0.0.1:1883',
      '07:08:21.891178      5  │── connect MQTT 5.0 client=pub-5 clean k… ─▶│',
      '07:08:21.891218      6  │◀────────────── connack Success (0)  16 B ──│ 40 µs since 5',
      '07:08:21.892064      7  │── publish q/0 qos=0 11 B  19 B ───────────▶│',
      '07:08:21.892064      8  │── publish q/1 qos=1 id=5483 11 B  21 B ───▶│',
      '07:08:21.892116      9  │◀──────────────────── puback id=5483  4 B ──│ 52 µs since 8',
    ])
  })

  it('is text only', async () => {
    await expect(text({ view: 'sequence', format: 'ndjson' })).rejects.toThrow(/drawn as text/)
  })
})

describe('--format csv', () => {
  it('has a line of names, then a line a row, quoted where it must be', async () => {
    const csv = await text({ view: 'messages', format: 'csv', fields: ['message', 'address', 'properties'], count: 1 })
    expect(csv).toBe('message,address,properties\r\n1,q/0,"{""qos"":0,""retain"":false,""dup"":false}"\r\n')
  })

  it('serves frames too', async () => {
    expect((await text({ format: 'csv', count: 1 })).split('\r\n')).toEqual([
      'frame,packet,time,flow,from,protocol,type,length,summary',
      '1,4,2026-11-23T07:08:21.884173000Z,1,client,mqtt,connect,20,connect MQTT 5.0 client=sub-5 clean keepAlive=5',
      '',
    ])
  })
})
