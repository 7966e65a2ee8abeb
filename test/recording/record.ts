import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AnyCarrier, AnyCodec, Packet, Side } from '../../codecs/core/index.ts'
import { readCapture } from '../../src/capture/index.ts'
import type { Ending, Flow, FlowInfo, FlowSink, Sink } from '../../src/flow.ts'
import { Inspector } from '../../src/inspector.ts'
import { decodeMetadata, type Metadata } from '../../src/metadata.ts'
import { Recorder, type RecorderOptions, type RecordingSummary } from '../../src/recording/index.ts'
import { services } from '../../src/services.ts'
import { ORIGIN, toy } from '../output/toy.ts'
import { INFO } from './info.ts'

export { INFO }

const noSecrets = { secret: () => undefined }

/** A file of its own, that goes with the test. */
export async function recordingPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mqinspect-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'recording.pcapng')
}

export interface Recorded {
  readonly path: string
  readonly summary: RecordingSummary
  /** The packets that were seen while recording. */
  readonly packets: readonly string[]
}

export interface RecordOptions extends RecorderOptions {
  readonly path?: string
  readonly codecs?: readonly AnyCodec[]
  readonly carriers?: readonly AnyCarrier[]
}

/** Records what `traffic` delivers. */
export async function record(
  traffic: (sink: Sink) => void | Promise<void>,
  { path, codecs = [toy], carriers = [], ...options }: RecordOptions = {},
): Promise<Recorded> {
  const recorder = await Recorder.create(path ?? (await recordingPath()), { carriers, ...options })
  const packets: string[] = []
  const observer = { packet: (flow: Flow, packet: Packet) => packets.push(line(flow, packet)) }
  const sink = recorder.tap(
    new Inspector({ codecs, carriers, services: services(noSecrets), decodeAs: [] }, recorder.observe(observer)),
  )
  sink.start(ORIGIN)
  await traffic(sink)
  const summary = await recorder.finish()
  return { path: summary.path, summary, packets }
}

/** A flow that sends what the words say: `> text`, `< text`, `>! fin`. Times go up by a microsecond each. */
export class Talk {
  readonly #flow: FlowSink
  time = 2_000

  constructor(sink: Sink, info: Partial<FlowInfo> = {}) {
    this.#flow = sink.open({ ...INFO, ...info })
  }

  say(side: Side, ...chunks: readonly Uint8Array[]): this {
    for (const chunk of chunks) this.#flow.data(side, chunk, (this.time += 1_000), 0, 0)
    return this
  }

  end(side: Side, ending: Ending = 'fin'): this {
    this.#flow.end(side, (this.time += 1_000), ending)
    return this
  }

  close(): void {
    this.#flow.close((this.time += 1_000))
  }
}

const line = (flow: Flow, packet: Packet): string =>
  [flow.id, packet.side, packet.kind, packet.offset, packet.length, packet.time].join(' ')

export interface ReadBack {
  readonly flows: readonly FlowInfo[]
  readonly bytes: Readonly<Record<Side, Buffer>>[]
  readonly endings: string[]
  readonly packets: readonly string[]
  readonly comments: number
  readonly damage: string | undefined
}

/** Reads a recording as `decode` would. */
export async function readBack(from: string | Uint8Array, codecs: readonly AnyCodec[] = [toy]): Promise<ReadBack> {
  const flows: FlowInfo[] = []
  const chunks: Record<Side, Uint8Array[]>[] = []
  const endings: string[] = []
  const packets: string[] = []
  let origin = 0n
  const observer = {
    packet: (flow: Flow, packet: Packet) => {
      const moved = Object.assign(Object.create(packet) as Packet, { time: packet.time + Number(origin - ORIGIN) })
      packets.push(line(flow, moved))
    },
  }
  const inspector = new Inspector({ codecs, decodeAs: [] }, observer)
  const sink: Sink = {
    start: at => {
      origin = at
      inspector.start(at)
    },
    open: info => {
      flows.push(info)
      const mine: Record<Side, Uint8Array[]> = { client: [], server: [] }
      chunks.push(mine)
      const inner = inspector.open(info)
      return {
        data: (side, chunk, ...rest) => {
          mine[side].push(chunk.slice())
          inner.data(side, chunk, ...rest)
        },
        gap: (side, length, ...rest) => {
          mine[side].push(new Uint8Array(length))
          endings.push(`${side} gap ${length}`)
          inner.gap(side, length, ...rest)
        },
        end: (side, time, ending) => {
          endings.push(`${side} ${ending}`)
          inner.end(side, time, ending)
        },
        close: time => inner.close(time),
      }
    },
  }
  const summary = await readCapture(
    typeof from === 'string' ? { path: from } : { stream: once(from), name: 'bytes' },
    sink,
  )
  const bytes = chunks.map(({ client, server }) => ({ client: Buffer.concat(client), server: Buffer.concat(server) }))
  return { flows, bytes, endings, packets, comments: summary.comments.length, damage: summary.damage?.message }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** What tshark prints of a recording; checksums are verified. */
export function tshark(path: string, ...args: readonly string[]): string {
  const checks = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE']
  return execFileSync('tshark', ['-r', path, ...checks, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

export const hasTshark = ((): boolean => {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/** What a recording says of itself, of one kind. */
export function metadataIn<K extends Metadata['kind']>(bytes: Buffer, kind: K): Extract<Metadata, { kind: K }>[] {
  const found: Metadata[] = []
  const opening = `{"mqinspect":"${kind}"`
  for (let at = bytes.indexOf(opening); at >= 0; at = bytes.indexOf(opening, at + 1)) {
    // Up to the padding, or the zeros, after the JSON.
    const rest = bytes.subarray(at)
    for (let end = rest.indexOf('}'); end >= 0; end = rest.indexOf('}', end + 1)) {
      const metadata = decodeMetadata(rest.subarray(0, end + 1))
      if (metadata === undefined) continue
      found.push(metadata)
      break
    }
  }
  return found as Extract<Metadata, { kind: K }>[]
}
