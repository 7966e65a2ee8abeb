import { open } from 'node:fs/promises'
import { readCapture } from '../capture/index.ts'
import type { FlowSink, Sink } from '../flow.ts'
import { Inspector, type InspectorOptions } from '../inspector.ts'
import type { IndexChunk, Metadata } from '../metadata.ts'
import { IndexBuilder } from './index-builder.ts'
import type { RecordingIndex } from './index-file.ts'
import { metadataBlock } from './pcapng.ts'

/** Reads all of a recording to tell what stands where. Rejects with a CaptureError where it is no capture. */
export async function rebuildIndex(path: string, options: InspectorOptions): Promise<RecordingIndex> {
  const rebuilding = new Rebuilding(options)
  const { bytes, damage } = await readCapture({ path }, rebuilding.sink, { onBlock: rebuilding.block })
  return rebuilding.finish(damage?.offset ?? bytes)
}

class Rebuilding {
  readonly sink: Sink
  #completed = 0
  #origin = 0n
  #builder: IndexBuilder | undefined
  /** Of each flow, how many frames there were when its last one was completed. */
  readonly #next = new Map<number, number>()
  /** The block in hand: where it begins, what was before it, what it is of. */
  #offset = 0
  #packets = 0
  #before = 0
  #first = Number.POSITIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY
  readonly #touched = new Set<number>()

  constructor(options: InspectorOptions) {
    const inspector = new Inspector(options, { packet: () => void this.#completed++ })
    this.sink = {
      start: origin => {
        this.#origin = origin
        inspector.start(origin)
      },
      open: info => {
        this.#touch(info.id, info.started)
        return noting(inspector.open(info), time => this.#touch(info.id, time))
      },
      secrets: (type, bytes) => inspector.secrets(type, bytes),
    }
  }

  readonly block = (offset: number, packets: number): void => {
    this.#endBlock(offset, packets)
    this.#offset = offset
    this.#packets = packets
    this.#before = this.#completed
    this.#touched.clear()
    this.#first = Number.POSITIVE_INFINITY
    this.#last = Number.NEGATIVE_INFINITY
  }

  /** `end`: where the last block ends. */
  finish(end: number): RecordingIndex {
    this.#endBlock(end, this.#packets + 1)
    const chunks: IndexChunk[] = []
    const builder = this.#builder
    for (let part = builder?.part(true); part !== undefined; part = builder?.part(true)) chunks.push(...part.chunks)
    return { origin: this.#origin, begin: chunks[0]?.offset ?? end, end, chunks }
  }

  #touch(flow: number, time: number): void {
    this.#touched.add(flow)
    this.#first = Math.min(this.#first, time)
    this.#last = Math.max(this.#last, time)
  }

  #endBlock(end: number, packets: number): void {
    // Blocks before the first packet are read in any case.
    if (this.#builder === undefined && packets === this.#packets) return
    this.#builder ??= new IndexBuilder(this.#offset)
    const frames: [packet: number, frame: number][] = []
    for (const flow of this.#touched) {
      if ((this.#next.get(flow) ?? 0) !== this.#before) frames.push([this.#packets + 1, this.#before + 1])
      this.#next.set(flow, this.#completed)
    }
    this.#builder.add(this.#offset, end, {
      firstPacket: this.#packets + 1,
      packets: packets - this.#packets,
      firstTime: this.#first,
      lastTime: this.#last,
      flows: this.#touched,
      frames,
    })
  }
}

/** Tells of whatever happens on a flow, and when. */
function noting(flow: FlowSink, note: (time: number) => void): FlowSink {
  return {
    data: (side, bytes, time, record, missing) => {
      note(time)
      flow.data(side, bytes, time, record, missing)
    },
    gap: (side, length, time, record) => {
      note(time)
      flow.gap(side, length, time, record)
    },
    end: (side, time, ending) => {
      note(time)
      flow.end(side, time, ending)
    },
    close: time => flow.close(time),
  }
}

/** Puts an index to the end of a recording that has none. */
export async function appendIndex(path: string, options: InspectorOptions): Promise<void> {
  const { origin, begin, end, chunks } = await rebuildIndex(path, options)
  const file = await open(path, 'r+')
  try {
    const parts: number[] = []
    let at = end
    const put = async (metadata: Metadata): Promise<void> => {
      const block = metadataBlock(metadata)
      await file.write(block, 0, block.length, at)
      at += block.length
    }
    for (let from = 0; from < chunks.length; from += PART) {
      parts.push(at)
      await put({ kind: 'index-part', chunks: chunks.slice(from, from + PART) })
    }
    await put({ kind: 'index', origin: String(origin), parts, begin, end })
    await file.truncate(at)
  } finally {
    await file.close()
  }
}

/** Chunks of a part: so few that their block stays short. */
const PART = 64
