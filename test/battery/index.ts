import { describe, expect, test } from 'vitest'
import {
  type AnyCodec,
  type Field,
  FrameReader,
  holdsSecrets,
  mayHoldSecrets,
  type Packet,
  type Side,
  secretRanges,
  Writer,
  walk,
} from '../../codecs/core/index.ts'
import { carriers, codecs } from '../../codecs/index.ts'
import { bytesAllocated } from './allocation.ts'
import { render } from './render.ts'
import { essence, run } from './run.ts'
import { type Step, type Vector, vectors } from './wire.ts'

export interface BatteryOptions {
  /** Fewer vectors than this are too few. */
  readonly vectors: number
  /** Heap bytes that cutting and reading one packet of the canonical vectors may take, on average. */
  readonly bytesPerPacket: number
}

/** What every protocol passes: see DESIGN in ARCHITECTURE.md, "The battery". */
export function battery(codec: AnyCodec, options: BatteryOptions): void {
  const all = vectors(codec)
  const reader = new FrameReader()

  describe(`the battery: ${codec.name}`, () => {
    test(`has at least ${options.vectors} vectors`, () => {
      expect(all.length).toBeGreaterThanOrEqual(options.vectors)
    })

    describe.each(all.map(vector => [name(vector), vector] as const))('%s', (_, vector) => {
      const whole = run(codec, vector.steps, vector.joined)

      test('decodes as expected, offsets included', () => {
        expect(whole.map(packet => render(codec, packet)).join('')).toBe(vector.expected)
      })

      // A datagram is whole or it is not there.
      test.runIf(codec.transport === 'stream')('gives the same packets however it is split', () => {
        const wanted = sides(whole)
        for (const [at, steps] of splits(vector.steps)) {
          expect(sides(run(codec, steps, vector.joined)), `split at ${at}`).toEqual(wanted)
        }
      })

      test('asks for more or reports at every prefix, and never looks past the end', () => {
        for (const steps of prefixes(vector.steps)) {
          const [zeros, ones] = [0x00, 0xff].map(filler => {
            const packets = run(codec, embedded(steps, filler), vector.joined)
            return packets.map(packet => essence(packet) + readAll(reader, codec, packet))
          })
          expect(zeros).toEqual(ones)
        }
      })

      test('names every byte: fields nest, are ordered and cover the packet', () => {
        for (const packet of frames(whole)) {
          const { field } = reader.trace(codec, packet)
          expect(field.end).toBe(packet.end - packet.start)
          for (const node of walk(field)) checkRanges(node.field)
        }
      })

      test('says of every frame with credentials in its bytes that it holds some', () => {
        for (const packet of frames(whole)) {
          const { frame, field } = reader.trace(codec, packet)
          if (secretRanges(field).every(({ start, end }) => start === end)) continue
          expect([frame.type, mayHoldSecrets(codec, frame.type), holdsSecrets(codec, frame)]).toEqual([
            frame.type,
            true,
            true,
          ])
        }
      })

      test.runIf(vector.canonical)('writes back the bytes that it read', () => {
        const writer = new Writer()
        for (const packet of frames(whole)) {
          const { frame } = reader.read(codec, packet)
          codec.write(writer, frame, packet.context)
          expect(Buffer.from(writer.take()).toString('hex')).toBe(Buffer.from(packet.bytes).toString('hex'))
        }
      })

      test('survives any byte changed', () => {
        for (const steps of flips(vector.steps)) {
          const packets = run(codec, steps, vector.joined)
          for (const packet of packets) readAll(reader, codec, packet)
          expect(coverage(packets)).toEqual(sizes(steps))
        }
      })

      test.runIf(vector.detectable && vector.joined === 'start')('is told from every other protocol', () => {
        const score = (other: AnyCodec) => detection(other, vector.steps)
        expect(score(codec)).toBeGreaterThanOrEqual(0.5)
        for (const other of [...codecs, ...carriers.map(carrier => carrier.codec)]) {
          if (other.id !== codec.id && other.transport === codec.transport)
            expect(score(other)).toBeLessThan(score(codec))
        }
      })
    })

    test(`allocates at most ${options.bytesPerPacket} bytes a packet`, () => {
      const steps = all.filter(vector => vector.canonical && vector.joined === 'start').map(vector => vector.steps)
      let packets = 0
      const readEach = (some: readonly (readonly Step[])[]) => () => {
        for (const one of some) {
          for (const packet of run(codec, one, 'start')) {
            packets++
            if (packet.kind === 'frame') reader.read(codec, packet)
          }
        }
      }
      readEach(steps)()
      // Few packets are lost in what the machine does beside: each reading is taken over a good number of them.
      const times = Math.ceil(MEASURED_PACKETS / packets)
      const measured = packets * times
      const repeated = Array.from({ length: times }, () => steps).flat()
      const conversations = bytesAllocated(readEach(repeated.map(() => [])))
      const everything = bytesAllocated(readEach(repeated))
      expect((everything - conversations) / measured).toBeLessThanOrEqual(options.bytesPerPacket)
    })
  })
}

const name = (vector: Vector): string => vector.file.slice(vector.file.lastIndexOf('/') + 1, -'.wire'.length)

const frames = (packets: readonly Packet[]): Packet[] =>
  packets.filter(packet => packet.kind === 'frame' && packet.end - packet.start === packet.length)

function readAll(reader: FrameReader, codec: AnyCodec, packet: Packet): string {
  if (packet.kind !== 'frame') return ''
  const shallow = reader.read(codec, packet)
  codec.summary(shallow.frame)
  codec.facts?.(shallow.frame)
  const type = codec.type(packet)
  if (codec.destination?.(shallow.frame) !== undefined) expect(codec.destined ?? [type]).toContain(type)
  return type + render(codec, packet)
}

/** How many packets an allocation is measured over, at least. */
const MEASURED_PACKETS = 500

/** Each side by itself: which of two sides is complete first does depend on the split. */
const sides = (packets: readonly Packet[]): string[][] =>
  (['client', 'server'] as const).map(side => packets.filter(packet => packet.side === side).map(essence))

/** How many bytes each side's packets account for. */
function coverage(packets: readonly Packet[]): Record<Side, number> {
  const sum = { client: 0, server: 0 }
  for (const packet of packets) sum[packet.side] += packet.length
  return sum
}

function sizes(steps: readonly Step[]): Record<Side, number> {
  const sum = { client: 0, server: 0 }
  for (const step of steps) {
    if (step.type === 'data') sum[step.side] += step.bytes.length
    else if (step.type === 'gap') sum[step.side] += step.length
  }
  return sum
}

/** A vector of at most so many bytes is changed at every one of them; of a longer one, at a spread. */
const SMALL = 600

/** Positions in `length` bytes of a vector: all of them, or a spread where that would take too long. */
function positions(length: number, largest: number, steps: readonly Step[]): number[] {
  const { client, server } = sizes(steps)
  // Twice as long takes twice as long each time, and there would be twice as many times.
  const most = Math.max(1, Math.floor(largest * Math.min(1, SMALL / (client + server)) ** 2))
  if (length <= most) return Array.from({ length }, (_, at) => at)
  const edge = most >> 1
  const step = (length - edge) / (most - edge)
  return Array.from({ length: most }, (_, at) => (at < edge ? at : Math.floor(edge + (at - edge) * step)))
}

function* splits(steps: readonly Step[]): Generator<[string, Step[]]> {
  for (const [index, step] of steps.entries()) {
    if (step.type !== 'data') continue
    for (const at of positions(step.bytes.length, 200, steps)) {
      if (at === 0) continue
      const parts = [step.bytes.subarray(0, at), step.bytes.subarray(at)].map(bytes => ({ ...step, bytes }))
      yield [`${index}:${at}`, [...steps.slice(0, index), ...parts, ...steps.slice(index + 1)]]
    }
  }
  yield ['every byte', steps.flatMap(step => (step.type === 'data' ? bytewise(step) : [step]))]
}

const bytewise = (step: Step & { type: 'data' }): Step[] =>
  Array.from(step.bytes, byte => ({ ...step, bytes: Uint8Array.of(byte) }))

function* prefixes(steps: readonly Step[]): Generator<Step[]> {
  for (const [index, step] of steps.entries()) {
    if (step.type !== 'data') continue
    for (const at of positions(step.bytes.length, 100, steps)) {
      yield [...steps.slice(0, index), { ...step, bytes: step.bytes.subarray(0, at) }]
    }
  }
}

/** The same bytes inside a larger buffer, so that a look past the end finds something else. */
const embedded = (steps: readonly Step[], filler: number): Step[] =>
  steps.map(step => {
    if (step.type !== 'data') return step
    const around = new Uint8Array(step.bytes.length + 64).fill(filler)
    around.set(step.bytes, 32)
    return { ...step, bytes: around.subarray(32, 32 + step.bytes.length) }
  })

function* flips(steps: readonly Step[]): Generator<Step[]> {
  for (const [index, step] of steps.entries()) {
    if (step.type !== 'data') continue
    for (const at of positions(step.bytes.length, 120, steps)) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const bytes = step.bytes.slice()
        bytes[at] = (bytes[at] as number) ^ mask
        yield [...steps.slice(0, index), { ...step, bytes }, ...steps.slice(index + 1)]
      }
    }
  }
}

function checkRanges(field: Field): void {
  let at = field.start
  let last: Field | undefined
  for (const child of field.children ?? []) {
    // Bits share their byte with the field before them.
    if (child.mask !== undefined) {
      expect(child.start).toBeGreaterThanOrEqual(field.start)
      expect(child.end).toBeLessThanOrEqual(field.end)
      if (child.start >= at) at = child.end
    } else {
      expect(child.start, `${child.name} follows ${last?.name ?? field.name}`).toBe(at)
      expect(child.end).toBeGreaterThanOrEqual(child.start)
      at = child.end
    }
    last = child
  }
  if (last !== undefined) expect(at, `${field.name} is covered`).toBe(field.end)
}

/** A side's first bytes: of a stream all it sent, of datagrams the first. */
function detection(codec: AnyCodec, steps: readonly Step[]): number {
  return Math.max(
    ...(['client', 'server'] as const).map(side => {
      const sent = steps.flatMap(step => (step.type === 'data' && step.side === side ? [step.bytes] : []))
      const head = codec.transport === 'stream' ? Buffer.concat(sent) : sent[0]
      return head === undefined || head.length === 0 ? 0 : codec.detect(Uint8Array.from(head.subarray(0, 4096)), side)
    }),
  )
}
