import { type AnyCodec, converse, FrameReader, type Joined, type Side, Writer } from '../../codecs/core/index.ts'
import { type Step, type Vector, vectors } from '../battery/wire.ts'
import { driven } from './driven.ts'

export interface FuzzReport {
  readonly inputs: number
  readonly packets: number
  readonly seconds: number
  /** The slowest input, in milliseconds. */
  readonly slowest: number
}

export class FuzzFailure extends Error {
  readonly steps: readonly Step[]

  constructor(codec: AnyCodec, seed: number, input: number, steps: readonly Step[], cause: unknown) {
    const bytes = steps.map(step =>
      step.type === 'data' ? `${step.side} ${Buffer.from(step.bytes).toString('hex')}` : step.type,
    )
    super(`${codec.id}, seed ${seed}, input ${input}: ${String(cause)}\n${bytes.join('\n')}`, { cause })
    this.steps = steps
  }
}

/** How long one small input may take at most, in milliseconds: what is linear takes less than one. */
const PATIENCE = 2000
/** Bytes that a conversation may hold for inputs of this size. */
const MEMORY = 4 << 20

/** Runs mutated vectors of one protocol. Throws a `FuzzFailure` at the first that is not taken as it should be. */
export function fuzz(codec: AnyCodec, inputs: number, seed: number): FuzzReport {
  const random = generator(seed)
  const corpus = vectors(codec).filter(({ steps }) => size(steps) < 4096)
  const began = performance.now()
  let packets = 0
  let slowest = 0
  for (let input = 0; input < inputs; input++) {
    const vector = corpus[random(corpus.length)] as Vector
    const steps = mutate(vector.steps, corpus, random)
    const joined: Joined = random(4) === 0 ? 'middle' : 'start'
    const start = performance.now()
    try {
      packets += take(codec, steps, joined)
      const elapsed = performance.now() - start
      if (elapsed > PATIENCE) throw new Error(`took ${Math.round(elapsed)} ms`)
      slowest = Math.max(slowest, elapsed)
    } catch (cause) {
      throw new FuzzFailure(codec, seed, input, steps, cause)
    }
  }
  return { inputs, packets, seconds: (performance.now() - began) / 1000, slowest }
}

const reader = new FrameReader()
const writer = new Writer()

/** Decodes, reads in every way, writes, and has a client hear it; every byte that went in must come out in some packet. */
function take(codec: AnyCodec, steps: readonly Step[], joined: Joined): number {
  const conversation = converse(codec, { joined })
  const wanted: Record<Side, number> = { client: 0, server: 0 }
  const found: Record<Side, number> = { client: 0, server: 0 }
  let packets = 0
  const hear = driven(codec)
  const drain = () => {
    for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) {
      packets++
      found[packet.side] += packet.length
      if (packet.kind !== 'frame') continue
      if (packet.side === 'server') hear(packet)
      const type = codec.type(packet)
      const { frame } = reader.trace(codec, packet)
      if (frame.type !== type) throw new Error(`type() says ${type}, read() says ${frame.type}`)
      const again = reader.read(codec, packet).frame
      codec.summary(again)
      codec.destination?.(again)
      codec.facts?.(again)
      codec.write(writer, again, packet.context)
      writer.reset()
    }
    if (conversation.buffered > MEMORY) throw new Error(`holds ${conversation.buffered} bytes`)
  }
  for (const step of steps) {
    if (step.type === 'data') {
      wanted[step.side] += step.bytes.length
      conversation.push(step.side, step.bytes, 0)
    } else if (step.type === 'gap') {
      // A datagram that was not captured leaves no trace.
      if (codec.transport === 'stream') wanted[step.side] += step.length
      conversation.gap(step.side, step.length, 0)
    } else conversation.end(step.side)
    drain()
  }
  for (const side of ['client', 'server'] as const) {
    conversation.end(side)
    drain()
    if (found[side] !== wanted[side])
      throw new Error(`${wanted[side]} bytes went in, ${found[side]} came out (${side})`)
  }
  return packets
}

type Random = (below: number) => number

/** xorshift32: the same inputs for the same seed, everywhere. */
function generator(seed: number): Random {
  let state = seed | 0 || 1
  return below => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

const size = (steps: readonly Step[]): number =>
  steps.reduce((sum, step) => sum + (step.type === 'data' ? step.bytes.length : 0), 0)

/** Values that are the edge of something more often than others. */
const edges = [0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff, 0xce, 0x0a, 0x0d]

function mutate(steps: readonly Step[], corpus: readonly Vector[], random: Random): Step[] {
  const result = [...steps]
  for (let times = 1 + random(3); times > 0 && result.length > 0; times--) {
    const index = random(result.length)
    const step = result[index] as Step
    if (step.type !== 'data') continue
    const mutated = mutateBytes(step.bytes, corpus, random)
    const parts = random(4) === 0 ? halves(mutated, random) : [mutated]
    result.splice(index, 1, ...parts.map(bytes => ({ ...step, bytes })))
    if (random(32) === 0) result.splice(index, 0, { type: 'gap', side: step.side, length: 1 + random(300) })
  }
  return result
}

function halves(bytes: Uint8Array, random: Random): Uint8Array[] {
  const at = random(bytes.length + 1)
  return [bytes.subarray(0, at), bytes.subarray(at)].filter(part => part.length > 0)
}

function mutateBytes(bytes: Uint8Array, corpus: readonly Vector[], random: Random): Uint8Array {
  if (bytes.length === 0) return bytes
  const at = random(bytes.length)
  const length = 1 + random(Math.min(16, bytes.length - at))
  const changed = bytes.slice()
  switch (random(8)) {
    case 0:
      changed[at] = random(256)
      return changed
    case 1:
      changed[at] = edges[random(edges.length)] as number
      return changed
    case 2:
      changed[at] = (changed[at] as number) ^ (1 << random(8))
      return changed
    case 3:
      return changed.subarray(0, Math.max(1, at))
    case 4:
      return joined(changed.subarray(0, at), changed.subarray(at + length))
    case 5:
      return joined(changed.subarray(0, at + length), changed.subarray(at))
    case 6:
      return joined(
        changed.subarray(0, at),
        Uint8Array.from({ length }, () => random(256)),
        changed.subarray(at),
      )
    default: {
      const donor = (corpus[random(corpus.length)] as Vector).steps.find(step => step.type === 'data')
      const other = donor?.type === 'data' ? donor.bytes : changed
      return joined(changed.subarray(0, at), other.subarray(random(other.length)))
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  // An input that grows in every mutation would soon be all there is.
  return all.subarray(0, 1 << 16)
}
