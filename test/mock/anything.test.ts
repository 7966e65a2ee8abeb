import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Act,
  type AnyCodec,
  converse,
  type Frame,
  FrameReader,
  type Packet,
  Renumbering,
  type Side,
  type Spoken,
  Writer,
} from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'
import { readCapture } from '../../src/capture/index.ts'
import { inspection } from '../../src/inspection.ts'
import { Inspector } from '../../src/inspector.ts'

/** Whatever a peer sends, or a recording holds: nothing is thrown, and what is said can be written. */

const FIXTURES: Readonly<Record<string, readonly string[]>> = {
  mqtt: ['mqtt31_qos', 'mqtt311_session', 'mqtt5_props', 'mqtt_errors'],
  amqp091: ['basic', 'acks', 'confirms', 'errors', 'tx'],
  amqp10: ['rabbit_basic', 'rabbit_errors', 'rhea_server'],
}

type Spoke = readonly [Side, Uint8Array]

/** What was said on each connection. */
async function conversations(path: string, codec: AnyCodec): Promise<Spoke[][]> {
  const flows = new Map<number, Spoke[]>()
  const observer = {
    packet: ({ id }: { readonly id: number }, packet: Packet) => {
      const said = flows.get(id) ?? []
      flows.set(id, said)
      said.push([packet.side, packet.bytes.slice()])
    },
  }
  await readCapture({ path }, new Inspector(inspection(), observer), { ports: new Set(codec.ports) })
  return [...flows.values()]
}

/** Some bytes changed, some packets gone, twice, or another way round. */
const changed = (said: readonly Spoke[]): fc.Arbitrary<Spoke[]> =>
  fc
    .array(
      fc.record({
        at: fc.nat(said.length - 1),
        how: fc.constantFrom('byte', 'gone', 'twice', 'swapped'),
        by: fc.nat(),
      }),
      { maxLength: 12 },
    )
    .map(changes => {
      const all = said.map(([side, bytes]): Spoke => [side, bytes.slice()])
      for (const { at, how, by } of changes) {
        const [side, bytes] = all[at % all.length] as Spoke
        if (how === 'byte' && bytes.length > 0) bytes[by % bytes.length] = by >>> 8
        else if (how === 'gone' && all.length > 1) all.splice(at % all.length, 1)
        else if (how === 'twice') all.splice(at % all.length, 0, [side, bytes])
        else all.push(...all.splice(at % all.length, 1))
      }
      return all
    })

function perform(codec: AnyCodec, said: readonly Spoke[]): void {
  const { mock } = codec
  if (mock === undefined) throw new TypeError(`${codec.id} cannot be mocked`)
  const conversation = converse(codec)
  const reader = mock.reader()
  const actor = mock.actor({ names: new Renumbering(), take: 1 })
  const spoken: Spoken[] = []
  const writer = new Writer()
  const written = (frames: readonly Frame[] | string | undefined, context: unknown): void => {
    if (typeof frames === 'string') expect(['later', 'never']).toContain(frames)
    else for (const frame of frames ?? []) codec.write(writer, frame, context)
    writer.take()
  }
  const met = (act: Act, now: Act, context: unknown): void => {
    actor.recognise(act, now)
    written(actor.improvise(now), context)
    for (const { packets, part = 0 } of spoken.splice(0, 3)) {
      const frames = packets.map(packet => frameReader.read(codec, packet).frame)
      written(actor.say({ frames, part }, now, now), context)
    }
    if (now.detail.length % 7 === 0) written(actor.refuse(now).frames, context)
  }
  for (const [side, bytes] of said) {
    conversation.push(side, bytes, 0)
    for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) {
      if (packet.kind !== 'frame') continue
      const { frame } = frameReader.read(codec, packet)
      if (packet.side === 'server') spoken.push(...reader.said(frame, packet))
      else {
        const then = reader.did(frame, packet)
        const { acts, send = [] } = actor.hear(frame, packet)
        written(send, packet.context)
        for (const [at, act] of acts.entries()) met(then[at] ?? act, act, packet.context)
      }
    }
  }
}

const frameReader = new FrameReader()

describe.each(Object.entries(FIXTURES))('%s', (id, names) => {
  const codec = codecs.find(each => each.id === id && each.transport === 'stream') as AnyCodec

  test.each(names)('%s, changed anyhow', async name => {
    for (const said of await conversations(`fixtures/${id}/${name}.pcap`, codec)) {
      fc.assert(
        fc.property(changed(said), all => perform(codec, all)),
        { numRuns: 60 },
      )
    }
  })
})
