import type { Side } from '../../codecs/core/index.ts'
import type { BySide } from '../flow.ts'
import type { FlowMeta, Metadata } from '../metadata.ts'
import type { Batch } from './batch.ts'
import { packetBlockLength, packetOptions, writePacketBlock } from './pcapng.ts'
import type { Recording } from './recording.ts'
import type { Numbering } from './target.ts'

interface Comment {
  readonly side: Side
  readonly offset: number | undefined
  readonly text: string
}

export interface TrackOptions {
  readonly recording: Recording
  readonly origin: bigint
  readonly numbering: Numbering
  readonly flow: number
  /** What stands before its first packet in each file; `before`: bytes in the files before, where there are some. */
  readonly introduction: (before: BySide<number> | undefined) => FlowMeta
  /** For who looks at the packets with something else. */
  readonly description: string
}

/** More than anybody reads of one connection. */
const MOST_COMMENTS = 1000

/** One flow's packets on their way to the recording, with what goes with them: introduction, comments, index. */
export class Track {
  readonly #recording: Recording
  readonly #flow: number
  readonly #numbering: Numbering
  readonly #introduction: TrackOptions['introduction']
  readonly #description: string
  readonly #origin: bigint
  #part = 0
  /** Bytes written. */
  readonly #sent: BySide<number> = { client: 0, server: 0 }
  /** Frames completed before what was written last, and after. */
  #base = -1
  #next = 0
  #comments: Comment[] = []

  constructor({ recording, origin, numbering, flow, introduction, description }: TrackOptions) {
    this.#recording = recording
    this.#origin = origin
    this.#numbering = numbering
    this.#introduction = introduction
    this.#flow = flow
    this.#description = description
  }

  /** Comments for which there was no packet. */
  get comments(): readonly string[] {
    return this.#comments.map(({ text }) => text)
  }

  comment(side: Side, offset: number | undefined, text: string): void {
    if (offset !== undefined && this.#recording.comment(this.#flow, side, offset, text)) return
    if (this.#comments.length < MOST_COMMENTS) this.#comments.push({ side, offset, text })
  }

  /**
   * Writes a packet of `length` bytes, which `fill` puts at a place in the batch; `end` is where its payload ends in
   * what `side` sent, and `metadata` what is to be known before it. False where there is no room.
   */
  packet(
    side: Side,
    time: number,
    length: number,
    end: number,
    fill: (batch: Batch, at: number) => void,
    metadata: readonly Metadata[] = NOTHING,
  ): boolean {
    const recording = this.#recording
    recording.turn(packetBlockLength(length, NONE))
    const options = this.#options(side, end, metadata)
    const block = packetBlockLength(length, options)
    const batch = recording.room(block)
    if (batch === undefined) return false
    const at = batch.length
    fill(batch, at)
    writePacketBlock(batch.bytes, batch.view, at, this.#origin + BigInt(time), length, options)
    batch.note(this.#flow, side, end, time)
    this.#number(batch)
    batch.length = at + block
    recording.counted()
    this.#part = recording.part
    this.#sent[side] = end
    return true
  }

  /** Where another flow's frames came in between, the numbers go on from another one. */
  #number(batch: Batch): void {
    const { base, completed } = this.#numbering
    if (base !== this.#base && base !== this.#next) batch.frames.push([this.#recording.nextPacket, base + 1])
    this.#base = base
    this.#next = completed
  }

  /** What is to be said at a packet whose payload ends at `end`. */
  #options(side: Side, end: number, metadata: readonly Metadata[]): Uint8Array {
    const introduced = this.#part === this.#recording.part
    if (this.#comments.length === 0 && introduced && metadata.length === 0) return NONE
    const due = this.#comments.filter(({ side: of, offset }) => of === side && (offset === undefined || offset < end))
    if (due.length > 0) this.#comments = this.#comments.filter(comment => !due.includes(comment))
    const texts = due.map(({ text }) => text)
    if (introduced) return packetOptions(texts, metadata)
    const before = this.#part === 0 ? undefined : { ...this.#sent }
    return packetOptions([this.#description, ...texts], [this.#introduction(before), ...metadata])
  }
}

const NONE: Uint8Array = new Uint8Array(0)
const NOTHING: readonly Metadata[] = []
