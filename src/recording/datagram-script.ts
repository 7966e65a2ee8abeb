import { other, type Side } from '../../codecs/core/index.ts'
import type { BySide } from '../flow.ts'
import { PACKET_HEADER } from '../pcapng.ts'
import { type Ends, udpHeaderLength, writeUdpHeaders } from './headers.ts'
import { overwrite, type Secret } from './redact.ts'
import type { ScriptOptions } from './script.ts'
import type { Known, Scribe } from './target.ts'
import type { Track } from './track.ts'

/** The datagrams of a flow, each as a UDP packet. Where there is no room for one, it is missing. */
export class DatagramScript implements Scribe {
  readonly #track: Track
  readonly #ends: Ends
  readonly #lost: (length: number) => void
  readonly #closed: (known: Known) => void
  readonly #sent: BySide<number> = { client: 0, server: 0 }

  constructor({ track, ends, lost, closed }: ScriptOptions) {
    this.#track = track
    this.#ends = ends
    this.#lost = lost
    this.#closed = closed
  }

  data(side: Side, time: number, bytes: Uint8Array, offset: number, secrets: readonly Secret[]): void {
    const headers = udpHeaderLength(this.#ends)
    const { length } = bytes
    // An empty one has a place of its own, too.
    const written = this.#track.packet(side, time, headers + length, offset + Math.max(1, length), (batch, at) => {
      const start = at + PACKET_HEADER + headers
      batch.bytes.set(bytes, start)
      overwrite(batch.bytes, start, length, offset, secrets)
      batch.bytes.fill(0, start + length, start + ((length + 3) & ~3))
      const ends = { from: this.#ends[side], to: this.#ends[other(side)], id: this.#sent[side]++ }
      writeUdpHeaders(batch.view, batch.words, at + PACKET_HEADER, ends, length)
    })
    if (!written) this.#lost(length)
  }

  /** A datagram that is not known leaves no trace. */
  gap(): void {}

  /** Datagrams know no end. */
  end(): void {}

  close(_time: number, known: Known): void {
    this.#closed(known)
  }

  comment(...comment: Parameters<Scribe['comment']>): void {
    this.#track.comment(...comment)
  }
}
