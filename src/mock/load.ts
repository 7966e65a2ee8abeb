import {
  type Act,
  type AnyCodec,
  FrameReader,
  type Message,
  type Packet,
  type ScriptReader,
} from '../../codecs/core/index.ts'
import { type CaptureInput, type CaptureOptions, type CaptureSummary, readCapture } from '../capture/index.ts'
import { EXIT, Failure } from '../failure.ts'
import type { BySide, Ending, Flow, FlowInfo, FlowSink, Sink } from '../flow.ts'
import { Inspector, type InspectorOptions } from '../inspector.ts'
import { formatBytes } from '../output/index.ts'
import { onlyFlows } from '../seeking.ts'
import { Tracking } from '../tracking/index.ts'
import { Links } from './links.ts'
import { type Part, relate, Script, type ScriptLine } from './script.ts'
import { Shelf } from './shelf.ts'
import type { Signatures } from './signatures.ts'

export interface LoadOptions {
  readonly inspection: InspectorOptions
  readonly capture: CaptureOptions
  /** Only these connections; absent: all. */
  readonly flows?: ReadonlySet<number> | undefined
  readonly signatures: Signatures
  /** Bytes of memory that the recording may take, about. @default 1 GB */
  readonly most?: number
}

export interface Loaded {
  readonly scripts: readonly Script[]
  /** How many connections are no part of it, by the reason. */
  readonly leftOut: ReadonlyMap<string, number>
  readonly summary: CaptureSummary
}

const MOST = 1 << 30
/** What each part and line takes in memory, beside the bytes of what the broker said. */
const OVERHEAD = 800

/** Reads a recording for what its brokers answered to what. It is held in memory, as clients may do it in any order. */
export async function loadScripts(input: CaptureInput, options: LoadOptions): Promise<Loaded> {
  const loader = new Loader(options)
  const { flows, capture } = options
  const summary = await readCapture(input, flows === undefined ? loader : onlyFlows(flows, loader), capture)
  loader.finish()
  return { scripts: [...loader.scripts.values()], leftOut: loader.leftOut, summary }
}

interface Reading {
  readonly script: Script
  readonly reader: ScriptReader
  readonly parts: Map<Act, Part>
  last: Part | undefined
}

class Loader implements Sink {
  readonly scripts = new Map<number, Script>()
  readonly leftOut = new Map<string, number>()
  readonly #options: LoadOptions
  readonly #inspector: Inspector
  readonly #tracking: Tracking
  readonly #links = new Links()
  readonly #shelf = new Shelf()
  readonly #readings = new Map<number, Reading | undefined>()
  /** Those that the packet which comes next completes. */
  #messages: Message[] = []
  #bytes = 0

  constructor(options: LoadOptions) {
    this.#options = options
    this.#tracking = new Tracking({
      message: (_, message) => this.#messages.push(message),
      packet: (flow, packet) => {
        const messages = this.#messages
        this.#messages = []
        this.#take(flow, packet, messages)
      },
    })
    this.#inspector = new Inspector(options.inspection, this.#tracking)
  }

  start(origin: bigint): void {
    this.#inspector.start(origin)
  }

  secrets(type: number, bytes: Uint8Array): void {
    this.#inspector.secrets(type, bytes)
  }

  open(info: FlowInfo): FlowSink {
    const inner = this.#inspector.open(info)
    const over: BySide<boolean> = { client: false, server: false }
    return {
      data: (side, bytes, time, record, missing) => inner.data(side, bytes, time, record, missing),
      gap: (side, length, time, record) => inner.gap(side, length, time, record),
      end: (side, time, ending) => {
        inner.end(side, time, ending)
        if (!over.client && !over.server && side === 'server') this.#end(info.id, time, ending)
        over[side] = true
      },
      close: time => inner.close(time),
    }
  }

  drain(): undefined {
    const { most = MOST } = this.#options
    if (this.#bytes <= most) return undefined
    throw new Failure(`the recording would take more than ${formatBytes(most)} of memory`, {
      exit: EXIT.input,
      next: 'Play some of it: --flow, -Y, or cut it with mqinspect convert --from … --to ….',
    })
  }

  finish(): void {
    this.#tracking.finish()
    this.#readings.clear()
  }

  #take(flow: Flow, packet: Packet, messages: readonly Message[]): void {
    const reading = this.#reading(flow)
    if (reading === undefined || packet.kind !== 'frame' || packet.length > packet.end - packet.start) return
    const { script, reader } = reading
    const kept = packet.side === 'client' ? packet.kept() : this.#shelf.keep(packet)
    const { frame } = frames.read(script.codec, kept)
    if (packet.side === 'client') {
      const parts = reader.did(frame, kept).map(act => this.#did(reading, act, packet.time))
      const [part] = parts
      for (const message of messages) if (part !== undefined) this.#links.published(part, message)
      return
    }
    const lines = reader.said(frame, kept).map(spoken => {
      const to = spoken.to === undefined ? undefined : reading.parts.get(spoken.to)
      const also = (spoken.also ?? []).map(act => reading.parts.get(act))
      const after = [to, ...also].filter(part => part !== undefined)
      return this.#said(reading, { ...NOTHING, ...spoken, after, time: packet.time })
    })
    const [line] = lines
    for (const message of messages) if (line !== undefined) this.#links.delivered(line, message)
  }

  #did(reading: Reading, act: Act, time: number): Part {
    const { script, parts } = reading
    const part = script.add(act, this.#options.signatures.of(script.codec, act), time)
    parts.set(act, part)
    reading.last = part
    this.#bytes += OVERHEAD
    return part
  }

  #said({ script }: Reading, what: Omit<ScriptLine, 'script' | 'index' | 'cause' | 'echo'>): ScriptLine {
    const line: ScriptLine = { ...what, script, index: script.lines.length, cause: undefined, echo: undefined }
    script.lines.push(line)
    const [to] = line.after
    if (to === undefined) script.opening.push(line)
    else if (line.kind === 'answer') relate(to, 'answers', line)
    else for (const part of line.after) relate(part, 'events', line)
    this.#bytes += line.packets.reduce((sum, { start, end }) => sum + end - start, OVERHEAD)
    return line
  }

  /** The broker ended the connection before its client did. */
  #end(flow: number, time: number, ending: Ending): void {
    const reading = this.#readings.get(flow)
    if (reading?.last === undefined || ending === 'lost') return
    this.#said(reading, { ...NOTHING, after: [reading.last], time, end: ending })
  }

  /** Undefined where the connection cannot be played. */
  #reading(flow: Flow): Reading | undefined {
    if (this.#readings.has(flow.id)) return this.#readings.get(flow.id)
    const why = whyNot(flow)
    let reading: Reading | undefined
    if (why !== undefined) this.leftOut.set(why, (this.leftOut.get(why) ?? 0) + 1)
    else {
      const codec = flow.codec as AnyCodec & { readonly mock: NonNullable<AnyCodec['mock']> }
      const script = new Script(flow.id, codec)
      this.scripts.set(flow.id, script)
      reading = { script, reader: codec.mock.reader(), parts: new Map(), last: undefined }
    }
    this.#readings.set(flow.id, reading)
    return reading
  }
}

/** Why a recorded connection cannot be played to a client; undefined where it can. */
function whyNot({ codec, joined }: Flow): string | undefined {
  if (codec === undefined) return 'the protocol is not known'
  if (joined === 'middle') return 'the recording does not have the beginning'
  return codec.mock === undefined ? `${codec.name} cannot be played` : undefined
}

const NOTHING = { kind: 'event', packets: [], part: 0, once: false, end: undefined } as const

const frames = new FrameReader()
