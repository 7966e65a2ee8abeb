import { other, type Side } from '../../codecs/core/index.ts'
import type { BySide } from '../flow.ts'
import type { RecordingFile } from './file.ts'
import { type Ends, udpHeaderLength, writeUdpHeaders } from './headers.ts'
import { commentOptions, NO_OPTIONS, PACKET_HEADER, packetBlockLength, writePacketBlock } from './pcapng.ts'
import { overwrite, type Secret } from './script.ts'

/** The datagrams of a flow, each as a UDP packet. Where there is no room for one, it is missing. */
export class DatagramScript {
  readonly #file: RecordingFile
  readonly #origin: bigint
  readonly #ends: Ends
  readonly #lost: (length: number) => void
  readonly #sent: BySide<number> = { client: 0, server: 0 }
  /** Of the first packet. */
  #options: Uint8Array

  constructor(file: RecordingFile, origin: bigint, ends: Ends, comment: string, lost: (length: number) => void) {
    this.#file = file
    this.#origin = origin
    this.#ends = ends
    this.#lost = lost
    this.#options = commentOptions(comment)
  }

  /** `bytes`, the first of which is number `offset` of all that its side sent; what is secret of them is overwritten. */
  data(side: Side, time: number, bytes: Uint8Array, offset: number, secrets: readonly Secret[]): void {
    const headers = udpHeaderLength(this.#ends)
    const length = headers + bytes.length
    const block = packetBlockLength(length, this.#options)
    const batch = this.#file.room(block)
    if (batch === undefined) {
      this.#lost(bytes.length)
      return
    }
    const at = batch.length
    const start = at + PACKET_HEADER + headers
    batch.bytes.set(bytes, start)
    overwrite(batch.bytes, start, bytes.length, offset, secrets)
    writePacketBlock(batch.bytes, batch.view, at, this.#origin + BigInt(time), length, this.#options)
    const ends = { from: this.#ends[side], to: this.#ends[other(side)], id: this.#sent[side]++ }
    writeUdpHeaders(batch.view, batch.words, at + PACKET_HEADER, ends, bytes.length)
    batch.length = at + block
    this.#options = NO_OPTIONS
  }
}
