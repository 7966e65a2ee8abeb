import {
  type AnyCodec,
  type Expected,
  type Frame,
  FrameReader,
  type Insistence,
  type Packet,
  type Player,
  Writer,
} from '../../codecs/core/index.ts'
import type { FlowSink } from '../flow.ts'
import type { Connection } from '../net/index.ts'

export interface PlayedOptions {
  /** The live flow's. */
  readonly id: number
  /** In the recording. */
  readonly flow: number
  readonly copy: number
  /** What was spoken then, and is spoken now: of one protocol, which may differ from transport to transport. */
  readonly recorded: AnyCodec
  readonly codec: AnyCodec
  readonly player: Player
  readonly connection: Connection
  /** Milliseconds that something expected may be late. */
  readonly patience: number
  /** Nanoseconds since the run began. */
  readonly now: () => number
  /** Something came, or ended. */
  readonly changed: () => void
}

/** Something expected, and since when: milliseconds of `performance.now()`. */
export interface Outstanding {
  readonly expected: Expected
  readonly played: Played
  readonly since: number
}

/** A peer that did not do what it did then is waited for less from then on, down to this: milliseconds. */
const LEAST_PATIENCE = 20

/** One live connection, which stands for one of the recording. */
export class Played {
  readonly id: number
  readonly flow: number
  readonly copy: number
  readonly recorded: AnyCodec
  readonly codec: AnyCodec
  readonly player: Player
  /** What is expected of this connection and did not come yet. */
  expected: Outstanding[] = []
  /** Frames of ours that something else did not wait for, and what they wait for themselves. */
  apart: (Outstanding & { readonly packet: Packet })[] = []
  patience: number
  /** The peer will say no more. */
  gone = false
  /** We will say no more. */
  over = false
  /** Frames of ours that could not be sent, as the peer was gone. */
  unsaid = 0
  /** Frames of ours that make no sense now, and why the first of them does not. */
  skipped = 0
  firstSkipped: string | undefined
  /** How much was given up, and the first of it. */
  missing = 0
  firstMissing: string | undefined
  /** Undefined until it is being looked at. */
  sink: FlowSink | undefined
  readonly #connection: Connection
  readonly #now: () => number
  readonly #changed: () => void
  readonly #writer = new Writer()
  #replies: { readonly frames: readonly Frame[]; readonly context: unknown }[] = []
  #context: unknown
  #corked = false
  #alive: NodeJS.Timeout | undefined
  readonly #insisting = new Set<NodeJS.Timeout>()
  #aliveEvery: number | undefined

  constructor(options: PlayedOptions) {
    this.id = options.id
    this.flow = options.flow
    this.copy = options.copy
    this.recorded = options.recorded
    this.codec = options.codec
    this.player = options.player
    this.patience = options.patience
    this.#connection = options.connection
    this.#now = options.now
    this.#changed = options.changed
  }

  /** Reads from now on what the peer says. */
  begin(sink: FlowSink): void {
    this.sink = sink
    const { stream } = this.#connection
    stream.on('end', () => this.#ended('fin'))
    stream.on('error', () => this.#ended('reset'))
    stream.on('close', () => {
      this.#ended('reset')
      this.#close()
    })
    const { lends } = this.#connection
    this.#connection.read(chunk => {
      // Whoever looks at it may keep a view until the next one comes.
      sink.data('server', lends ? chunk.slice() : chunk, this.#now(), 0, 0)
      this.#answer()
      this.#changed()
    })
  }

  /** A live packet of the peer's. Its answers go out when the chunk that it came in is worked off. */
  hear(packet: Packet): void {
    if (packet.kind !== 'frame') return
    const frames = this.player.hear(reader.read(this.codec, packet).frame, packet)
    if (frames.length > 0) this.#replies.push({ frames, context: packet.context })
    this.#context = packet.context
    this.#keepAlive()
  }

  /** The bytes of frames, each by itself: a datagram holds one, a message of a WebSocket should. */
  written(frames: readonly Frame[], context: unknown): Uint8Array[] {
    return frames.map(frame => {
      this.codec.write(this.#writer, frame, context)
      return this.#writer.take()
    })
  }

  /** False: the peer is slow, and `drained` is to be awaited before more is sent. */
  send(frames: readonly Frame[], context: unknown): boolean {
    return this.sendEach(this.written(frames, context))
  }

  sendEach(units: readonly Uint8Array[]): boolean {
    let ready = true
    for (const unit of units) ready = this.sendBytes(unit)
    return ready
  }

  sendBytes(bytes: Uint8Array): boolean {
    const { stream } = this.#connection
    if (this.gone || this.over || stream.destroyed) {
      this.unsaid++
      return true
    }
    if (!this.#corked) {
      this.#corked = true
      stream.cork()
      process.nextTick(() => this.flush())
    }
    const ready = stream.write(bytes)
    this.sink?.data('client', bytes, this.#now(), 0, 0)
    return ready
  }

  /** What was sent goes out at once. */
  flush(): void {
    if (!this.#corked) return
    this.#corked = false
    this.#connection.stream.uncork()
  }

  drained(): Promise<void> {
    this.flush()
    const { stream } = this.#connection
    if (!stream.writableNeedDrain || stream.destroyed) return Promise.resolve()
    return new Promise(resolve => {
      const done = (): void => {
        stream.off('drain', done).off('close', done)
        resolve()
      }
      stream.on('drain', done).on('close', done)
    })
  }

  /** Sends this again, and again later, until it is known that they arrived. */
  insist(units: readonly Uint8Array[], { until, after, times }: Insistence): void {
    if (times === 0) return
    const timer = setTimeout(() => {
      this.#insisting.delete(timer)
      if (!until.open || this.gone || this.over) return
      this.sendEach(units)
      this.insist(units, { until, after: after * 2, times: times - 1 })
    }, after)
    this.#insisting.add(timer)
  }

  skip(reason: string | undefined): void {
    if (reason === undefined) return
    this.skipped++
    this.firstSkipped ??= reason
  }

  giveUp(expected: Expected): void {
    expected.giveUp()
    this.missing++
    this.firstMissing ??= expected.cause
    this.patience = Math.max(LEAST_PATIENCE, this.patience / 2)
  }

  /** Says what the peer needs before what is waited for can come. */
  urge(): void {
    if (this.gone || this.over) return
    const needed = this.player.urge?.() ?? []
    if (needed.length > 0) this.send(needed, this.#context)
  }

  /** Acknowledges what came and the recording does not have. */
  settle(): void {
    if (this.gone || this.over) return
    const owed = this.player.leave()
    if (owed.length > 0) this.send(owed, this.#context)
  }

  /** Something does not come: gives the peer what it may be waiting for itself. */
  unblock(): void {
    if (this.gone || this.over) return
    const owed = this.player.unblock?.() ?? []
    if (owed.length > 0) this.send(owed, this.#context)
  }

  /** Our side ends, in order or as it did then, by a reset. */
  end(reset: boolean): void {
    if (this.over) return
    this.settle()
    this.flush()
    this.over = true
    clearInterval(this.#alive)
    for (const timer of this.#insisting) clearTimeout(timer)
    this.sink?.end('client', this.#now(), reset ? 'reset' : 'fin')
    if (reset) this.#connection.reset()
    else this.#connection.stream.end()
  }

  /** Whatever the peer does. */
  destroy(): void {
    this.end(false)
    this.#connection.stream.destroy()
    this.#close()
  }

  #answer(): void {
    const replies = this.#replies
    if (replies.length === 0) return
    this.#replies = []
    for (const { frames, context } of replies) this.send(frames, context)
  }

  #ended(ending: 'fin' | 'reset'): void {
    if (this.gone) return
    this.gone = true
    clearInterval(this.#alive)
    this.sink?.end('server', this.#now(), ending)
    this.#changed()
  }

  #close(): void {
    clearInterval(this.#alive)
    this.sink?.close(this.#now())
    this.sink = undefined
    this.#changed()
  }

  #keepAlive(): void {
    const every = this.player.keepAlive
    if (every === this.#aliveEvery) return
    this.#aliveEvery = every
    clearInterval(this.#alive)
    if (every === undefined) return
    this.#alive = setInterval(() => {
      if (!this.gone && !this.over) this.send(this.player.alive(), this.#context)
    }, every)
  }
}

const reader = new FrameReader()
