import { expect } from 'vitest'
import {
  type AnyCodec,
  concat,
  converse,
  type DriveOptions,
  type Driver,
  type Frame,
  FrameReader,
  Outbox,
  type Side,
  Writer,
} from '../../codecs/core/index.ts'
import { ScramKeys } from '../../src/scram.ts'

/** What a driver told, in order. */
export type Told =
  | readonly ['ready' | 'unblocked' | 'left' | 'empty']
  | readonly ['made', what: string]
  | readonly ['removed', what: string, why: string | undefined]
  | readonly ['answered', slot: number, answer: string]
  | readonly ['blocked' | 'failed' | 'returned', text: string]
  | readonly ['delivered', Received]

/** A delivery as a test wants to see it. */
export interface Received {
  readonly id: number
  readonly text: string
  readonly size: number
  readonly source: number
  readonly redelivered: boolean
  readonly replyTo: string | undefined
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A driver, and a peer that a test speaks for: frames in, frames out, and all of it right in the codec's eyes. */
export class Driving<F extends Frame, C> {
  readonly driver: Driver<C>
  readonly outbox: Outbox
  readonly told: Told[] = []
  readonly #codec: AnyCodec
  readonly #context: C
  readonly #heard
  readonly #overheard
  readonly #reader = new FrameReader()
  readonly #sent: { readonly bytes: Uint8Array; readonly frames: readonly F[] }[] = []
  #ready = false
  #wrote: (() => void) | undefined

  constructor(codec: AnyCodec, context: C, options: Partial<DriveOptions> = {}) {
    this.#codec = codec
    this.#context = context
    this.#heard = converse(codec)
    this.#overheard = converse(codec)
    this.outbox = new Outbox(undefined, codec.transport !== 'stream')
    const { told } = this
    const text = (bytes: Uint8Array, start: number, end: number) => new TextDecoder().decode(bytes.subarray(start, end))
    this.driver = codec.drive?.open({
      clientId: 'c',
      host: 'localhost',
      keepAlive: 0,
      publishes: true,
      destinations: [],
      inFlight: 16,
      sources: [],
      requests: false,
      credit: 0,
      settles: false,
      tellsMade: false,
      removes: [],
      settings: {},
      scram: new ScramKeys(),
      ...options,
      outbox: this.outbox,
      listener: {
        ready: () => {
          this.#ready = true
          told.push(['ready'])
        },
        answered: (slot, answer) => told.push(['answered', slot, answer]),
        returned: (bytes, start, end) => told.push(['returned', text(bytes, start, end)]),
        delivered: ({ bytes, start, end, ...delivery }) =>
          told.push(['delivered', { text: text(bytes, start, end), ...delivery }]),
        empty: () => told.push(['empty']),
        made: ({ kind, name }) => told.push(['made', `${kind} ${name}`]),
        removed: ({ kind, name }, why) => told.push(['removed', `${kind} ${name}`, why]),
        blocked: reason => told.push(['blocked', reason]),
        unblocked: () => told.push(['unblocked']),
        failed: reason => told.push(['failed', reason]),
        left: () => told.push(['left']),
        wrote: () => this.#wrote?.(),
      },
    }) as Driver<C>
  }

  /** What the driver told since this was asked last. */
  tells(): Told[] {
    return this.told.splice(0)
  }

  /** What was delivered since either was asked last; all else that it told is left out. */
  deliveries(): Received[] {
    return this.tells().flatMap(told => (told[0] === 'delivered' ? [told[1]] : []))
  }

  /** What it sent since either was asked last, as bytes: each datagram by itself, where there are such. */
  bytes(): Uint8Array[] {
    this.#take()
    return this.#sent.splice(0).map(({ bytes }) => bytes)
  }

  /** What it sent since either was asked last, as the peer reads it. */
  sends(): F[] {
    this.#take()
    return this.#sent.splice(0).flatMap(({ frames }) => frames)
  }

  /** Resolves when it says that there is something to be sent, that it had to work out first. */
  worked(): Promise<void> {
    return new Promise(resolve => {
      this.#wrote = resolve
    })
  }

  /** What is in the outbox goes out. */
  #take(): void {
    const taken = this.outbox.take().slice()
    const ends = this.outbox.ends?.splice(0) ?? (taken.length === 0 ? [] : [taken.length])
    for (const [at, end] of ends.entries()) {
      const bytes = taken.slice(ends[at - 1] ?? 0, end)
      this.#sent.push({ bytes, frames: this.#overhear('client', bytes) })
      // As whoever has the socket does it: what is said before all is agreed tells how the peer is to be understood.
      if (this.#ready) continue
      this.#heard.push('client', bytes, 0)
      while (this.#heard.next() !== undefined);
    }
  }

  /** The peer says frames, all in one piece; a driver hears them at once. */
  hears(...frames: readonly F[]): this {
    const parts = frames.map(frame => this.encoded(frame))
    for (const piece of this.#codec.transport === 'stream' ? [concat(parts)] : parts) this.hearsBytes(piece)
    return this
  }

  /** The peer says bytes, in pieces of `step`. */
  hearsBytes(bytes: Uint8Array | string, step = Number.POSITIVE_INFINITY): this {
    const all = typeof bytes === 'string' ? utf8(bytes) : bytes
    this.#take()
    this.#overhear('server', all)
    for (let at = 0; at < all.length; at += step) {
      this.#heard.push('server', all.slice(at, at + step), 0)
      for (let packet = this.#heard.next(); packet !== undefined; packet = this.#heard.next()) {
        expect(packet.kind).toBe('frame')
        if (packet.side === 'server') this.driver.hear(packet as never)
      }
    }
    return this
  }

  encoded(frame: F): Uint8Array {
    const writer = new Writer()
    this.#codec.write(writer, frame, this.#context)
    return writer.take()
  }

  /** Publishes; the slot. */
  publishes(destination: string, body: string, more: object = {}): number {
    return this.driver.publish(this.driver.plate({ destination, body: utf8(body), ...more }))
  }

  #overhear(side: Side, bytes: Uint8Array): F[] {
    const frames: F[] = []
    this.#overheard.push(side, bytes, 0)
    for (let packet = this.#overheard.next(); packet !== undefined; packet = this.#overheard.next()) {
      expect(packet.kind).toBe('frame')
      const { frame, diagnostics } = this.#reader.read(this.#codec, packet, true)
      if (packet.side === 'client') expect(diagnostics).toEqual([])
      frames.push(frame as F)
    }
    return frames
  }
}
