import { other, type Side } from '../../codecs/core/index.ts'
import type { BySide } from '../flow.ts'
import type { RecordingFile } from './file.ts'
import {
  ACK,
  type Ends,
  FIN,
  headerLength,
  NO_TCP_OPTIONS,
  PSH,
  RST,
  type Segment,
  SYN,
  SYN_OPTIONS,
  writeHeaders,
} from './headers.ts'
import { commentOptions, NO_OPTIONS, PACKET_HEADER, packetBlockLength, writePacketBlock } from './pcapng.ts'

/** Payload of one packet: what comes in one read of a socket makes two. */
const SEGMENT = 32 << 10
/** What the other side leaves unacknowledged before it sends a bare ACK. */
const ACKNOWLEDGE = 1 << 20

/** Bytes [start, end) of one direction that hold a credential, or may. */
export interface Secret {
  readonly start: number
  readonly end: number
}

interface Sender {
  /** Of the next byte, modulo 2^32. */
  sequence: number
  /** What this side has acknowledged. */
  acknowledged: number
  packets: number
  over: boolean
}

/**
 * The TCP connection that would have carried a flow, written packet by packet: handshake, data, acknowledgements, ends.
 * Where there is no room for a packet its bytes are missing as if the capture had lost them.
 */
export class Script {
  readonly #file: RecordingFile
  readonly #origin: bigint
  readonly #ends: Ends
  readonly #senders: BySide<Sender>
  /** Told how many payload bytes there was no room for. */
  readonly #lost: (length: number) => void

  constructor(file: RecordingFile, origin: bigint, ends: Ends, id: number, lost: (length: number) => void) {
    this.#file = file
    this.#lost = lost
    this.#origin = origin
    this.#ends = ends
    // Another connection of the same ports must not begin where the last one did.
    this.#senders = {
      client: sender(Math.imul(id, 0x9e37_79b1) >>> 0),
      server: sender(Math.imul(id, 0x85eb_ca77) >>> 0),
    }
  }

  handshake(time: number, comment: string): void {
    const { client, server } = this.#senders
    this.#packet('client', time, SYN, commentOptions(comment), SYN_OPTIONS)
    client.sequence = (client.sequence + 1) >>> 0
    server.acknowledged = client.sequence
    this.#packet('server', time, SYN | ACK, NO_OPTIONS, SYN_OPTIONS)
    server.sequence = (server.sequence + 1) >>> 0
    client.acknowledged = server.sequence
    this.#packet('client', time, ACK)
  }

  /** `bytes`, the first of which is number `offset` of its direction; what is secret of them is overwritten. */
  data(side: Side, time: number, bytes: Uint8Array, offset: number, secrets: readonly Secret[]): void {
    const sender = this.#senders[side]
    const peer = other(side)
    for (let at = 0; at < bytes.length; at += SEGMENT) {
      const payload = bytes.subarray(at, at + SEGMENT)
      if (!this.#data(side, time, payload, offset + at, secrets)) this.#lost(payload.length)
      sender.sequence = (sender.sequence + payload.length) >>> 0
      const receiver = this.#senders[peer]
      if ((sender.sequence - receiver.acknowledged) >>> 0 >= ACKNOWLEDGE) {
        receiver.acknowledged = sender.sequence
        this.#packet(peer, time, ACK)
      }
    }
  }

  /** `length` bytes were sent that are not known. */
  gap(side: Side, length: number): void {
    const sender = this.#senders[side]
    sender.sequence = (sender.sequence + length) >>> 0
  }

  fin(side: Side, time: number): void {
    const sender = this.#senders[side]
    const peer = other(side)
    const receiver = this.#senders[peer]
    if (sender.over) return
    sender.over = true
    sender.acknowledged = receiver.sequence
    this.#packet(side, time, FIN | ACK)
    sender.sequence = (sender.sequence + 1) >>> 0
    receiver.acknowledged = sender.sequence
    this.#packet(peer, time, ACK)
  }

  reset(side: Side, time: number): void {
    const sender = this.#senders[side]
    sender.over = true
    sender.acknowledged = this.#senders[other(side)].sequence
    this.#packet(side, time, RST | ACK)
  }

  #data(side: Side, time: number, payload: Uint8Array, offset: number, secrets: readonly Secret[]): boolean {
    const headers = headerLength(this.#ends, NO_TCP_OPTIONS)
    const length = headers + payload.length
    const block = packetBlockLength(length, NO_OPTIONS)
    const batch = this.#file.room(block)
    if (batch === undefined) return false
    const { bytes, view, words, length: at } = batch
    const start = at + PACKET_HEADER + headers
    bytes.set(payload, start)
    overwrite(bytes, start, payload.length, offset, secrets)
    writePacketBlock(bytes, view, at, this.#origin + BigInt(time), length, NO_OPTIONS)
    this.#senders[side].acknowledged = this.#senders[other(side)].sequence
    const segment = this.#segment(side, PSH | ACK, NO_TCP_OPTIONS)
    writeHeaders(view, words, at + PACKET_HEADER, segment, payload.length)
    batch.length = at + block
    return true
  }

  /** A packet without data: small enough that there is room for it when there is none for data. */
  #packet(side: Side, time: number, flags: number, extra = NO_OPTIONS, tcpOptions = NO_TCP_OPTIONS): void {
    const length = headerLength(this.#ends, tcpOptions)
    const block = packetBlockLength(length, extra)
    const batch = this.#file.room(block)
    if (batch === undefined) return
    const { bytes, view, words, length: at } = batch
    writePacketBlock(bytes, view, at, this.#origin + BigInt(time), length, extra)
    writeHeaders(view, words, at + PACKET_HEADER, this.#segment(side, flags, tcpOptions), 0)
    batch.length = at + block
  }

  #segment(side: Side, flags: number, options: Uint8Array): Segment {
    const sender = this.#senders[side]
    const acknowledged = (flags & ACK) === 0 ? 0 : sender.acknowledged
    return {
      from: this.#ends[side],
      to: this.#ends[other(side)],
      sequence: sender.sequence,
      acknowledged,
      flags,
      options,
      id: sender.packets++,
    }
  }
}

/** Hides what is secret of the `length` bytes at `start`, the first of which is number `offset` of its direction. */
export function overwrite(
  bytes: Uint8Array,
  start: number,
  length: number,
  offset: number,
  secrets: readonly Secret[],
): void {
  for (const secret of secrets) {
    const from = Math.max(0, secret.start - offset)
    const to = Math.min(length, secret.end - offset)
    if (from < to) bytes.fill(STAR, start + from, start + to)
  }
}

const sender = (sequence: number): Sender => ({ sequence, acknowledged: 0, packets: 0, over: false })
const STAR = 0x2a
