import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { other, type Side } from '../../../codecs/core/index.ts'
import { readCapture } from '../../../src/capture/index.ts'
import { inspection } from '../../../src/inspection.ts'
import { Inspector } from '../../../src/inspector.ts'
import { capture } from '../../filter/captures.ts'
import { storyOf } from '../../tracking/story.ts'

/** Messages and outcomes of captures, counted with rhea's decoder instead of ours. */

type Performative = Record<string, unknown> & { dispatch(to: object, frame: object): void }
const { read_frame } = createRequire(import.meta.url)('rhea/lib/frames.js') as {
  read_frame(bytes: Buffer): { readonly channel: number; readonly performative?: Performative }
}
/** 3.4: what a receiver says of a delivery. */
const OUTCOMES: Readonly<Record<number, string>> = { 36: 'accepted', 37: 'rejected', 38: 'released', 39: 'modified' }

interface Counted {
  readonly messages: Record<Side, number>
  /** `client accepted`: of what the client sent. */
  readonly outcomes: Record<string, number>
}

async function countedByRhea(path: string): Promise<Counted> {
  const messages: Record<Side, number> = { client: 0, server: 0 }
  const outcomes: Record<string, number> = {}
  /** The peer's channel, by flow, side and channel. */
  const channels = new Map<string, number>()
  const unsettled = new Set<string>()
  const take = (flow: number, side: Side, bytes: Buffer): void => {
    const frame = read_frame(bytes)
    const at = (one: Side, channel = frame.channel): string => `${flow} ${one} ${channel}`
    frame.performative?.dispatch(
      new Proxy(
        {
          on_begin: ({ performative }: { performative: Performative }) => {
            const peer = performative.remote_channel
            if (typeof peer !== 'number') return
            channels.set(at(side), peer)
            channels.set(at(other(side), peer), frame.channel)
          },
          on_transfer: ({ performative: { delivery_id, more, aborted, settled } }: { performative: Performative }) => {
            if (aborted === true || more === true) return
            messages[side]++
            if (settled !== true) unsettled.add(`${at(side)} ${delivery_id}`)
          },
          on_disposition: ({ performative }: { performative: Performative }) => {
            const { role, first = 0, last = first, state } = performative as Record<string, number>
            const { descriptor } = (state ?? {}) as { descriptor?: { value: number } }
            const outcome = OUTCOMES[descriptor?.value ?? 0]
            const sender = (role as unknown as boolean) ? other(side) : side
            const channel = sender === side ? frame.channel : channels.get(at(side))
            for (let id = first; id <= last; id++) {
              if (outcome === undefined || !unsettled.delete(`${at(sender, channel)} ${id}`)) continue
              outcomes[`${sender} ${outcome}`] = (outcomes[`${sender} ${outcome}`] ?? 0) + 1
            }
          },
        },
        { get: (target, name) => Reflect.get(target, name) ?? (() => {}) },
      ),
      frame,
    )
  }
  await readCapture(
    { path },
    new Inspector(inspection(), {
      packet: (flow, { buffer, start, end, side }) => {
        const bytes = Buffer.from(buffer.subarray(start, end))
        if (bytes.toString('latin1', 0, 4) !== 'AMQP') take(flow.id, side, bytes)
      },
    }),
  )
  return { messages, outcomes }
}

/** The same, as it was told. Messages whose links end before they are settled have no outcome. */
async function told(path: string): Promise<Counted> {
  const { messages, exchanges } = await storyOf(path)
  const outcomes: Record<string, number> = {}
  for (const { kind, side, reply, outcome = '' } of exchanges) {
    if (reply === 0 || (kind !== 'publish-confirm' && kind !== 'deliver-ack')) continue
    const key = `${side} ${outcome.split(' ', 1)[0]}`
    outcomes[key] = (outcomes[key] ?? 0) + 1
  }
  const of = (one: Side): number => messages.filter(({ side, whole }) => side === one && whole).length
  return { messages: { client: of('client'), server: of('server') }, outcomes }
}

describe('what rhea counts in captures is told', () => {
  it.each(['rabbit_basic', 'rhea_server'])('%s', async name => {
    const path = capture(`amqp10/${name}.pcap`)
    const counted = await countedByRhea(path)
    expect(counted.messages.client).toBeGreaterThan(10)
    expect(Object.keys(counted.outcomes).length).toBeGreaterThan(3)
    expect(await told(path)).toEqual(counted)
  })
})
