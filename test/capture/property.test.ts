import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CaptureError, readCapture } from '../../src/capture/index.ts'
import { chunked, pcap, Recorder, read, Talk } from './build.ts'
import { specimens } from './specimens.ts'

/** A stream cut into segments, some sent again with other boundaries, and put out of order. */
const sent = fc
  .record({
    text: fc.string({ minLength: 1, maxLength: 300, unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz') }),
    cuts: fc.array(fc.nat(300), { maxLength: 20 }),
    again: fc.array(fc.tuple(fc.nat(300), fc.nat(60)), { maxLength: 10 }),
    isn: fc.oneof(fc.constant(0xffff_ff80), fc.constant(0x7fff_ff80), fc.integer({ min: 0, max: 0xffff_ffff })),
    order: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
    acks: fc.boolean(),
    chunk: fc.integer({ min: 1, max: 4000 }),
  })
  .map(({ text, cuts, again, isn, order, acks, chunk }) => {
    const bounds = [...new Set([0, ...cuts.filter(cut => cut < text.length), text.length])].sort((a, b) => a - b)
    const whole = bounds.slice(1).map((end, i) => [bounds[i] as number, end] as const)
    const repeated = again.map(([start, size]) => [Math.min(start, text.length - 1), start + size] as const)
    const segments = [...whole, ...repeated]
      .map((range, i) => ({ range, key: order[i % order.length] as number }))
      .sort((a, b) => a.key - b.key)
      .map(({ range }) => range)
    return { text, segments, isn, acks, chunk }
  })

test('any segmentation, repetition and order of a stream gives exactly that stream', async () => {
  await fc.assert(
    fc.asyncProperty(sent, async ({ text, segments, isn, acks, chunk }) => {
      const talk = new Talk({ client: isn })
      const packets = [...talk.handshake]
      const seen = new Set<number>()
      for (const [start, end] of segments) {
        packets.push(talk.client(1 + start, text.slice(start, end)))
        for (let at = start; at < Math.min(end, text.length); at++) seen.add(at)
        let reached = 0
        while (seen.has(reached)) reached++
        if (acks) packets.push(talk.server(1, '', 'A', 1 + reached))
      }
      packets.push(talk.client(1 + text.length, '', 'AF'))
      const { flows } = await read(pcap(packets), {}, chunk)
      expect(flows.length).toBe(1)
      expect(flows[0]?.text('client')).toBe(text)
      expect(flows[0]?.log).toContainEqual(['end', 'client', 'fin'])
    }),
    { numRuns: 300 },
  )
}, 60_000)

test('with segments missing, what is delivered stands in its place, and nothing else is', async () => {
  await fc.assert(
    fc.asyncProperty(sent, fc.infiniteStream(fc.boolean()), async ({ text, segments, isn }, kept) => {
      const talk = new Talk({ client: isn })
      const known = new Array<string>(text.length).fill('·')
      const packets = [...talk.handshake]
      for (const [start, end] of segments) {
        if (kept.next().value === true) continue
        packets.push(talk.client(1 + start, text.slice(start, end)))
        for (let at = start; at < Math.min(end, text.length); at++) known[at] = text[at] as string
      }
      packets.push(talk.client(1 + text.length, '', 'AF'))
      const { flows } = await read(pcap(packets))
      expect(flows[0]?.text('client')).toBe(known.join(''))
    }),
    { numRuns: 200 },
  )
}, 60_000)

const mutation = fc.record({
  which: fc.nat(),
  edits: fc.array(fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255))), {
    maxLength: 12,
  }),
  cut: fc.option(fc.nat(), { freq: 4 }),
  chunk: fc.integer({ min: 1, max: 3000 }),
})

test('a mutated capture is read, or refused with a CaptureError: no other error, no end that does not come', async () => {
  const files = specimens()
  await fc.assert(
    fc.asyncProperty(mutation, async ({ which, edits, cut, chunk }) => {
      const file = Uint8Array.from(files[which % files.length] as Uint8Array)
      for (const [at, value] of edits) file[at % file.length] = value
      const mutated = cut === null ? file : file.subarray(0, cut % file.length)
      const recorder = new Recorder()
      try {
        await readCapture({ stream: chunked(mutated, chunk), name: 'mutated' }, recorder, { limits: { flows: 8 } })
      } catch (error) {
        expect(error).toBeInstanceOf(CaptureError)
        return
      }
      for (const flow of recorder.flows) expect(flow.log.at(-1)).toEqual(['close'])
    }),
    { numRuns: 1000 },
  )
}, 60_000)
