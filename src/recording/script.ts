import { other, type Side } from '../../codecs/core/index.ts'
import type { BySide, Ending } from '../flow.ts'
import type { Metadata } from '../metadata.ts'
import { PACKET_HEADER } from '../pcapng.ts'
import type { Batch } from './batch.ts'
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
import { overwrite, type Secret } from './redact.ts'
import type { Known, Scribe } from './target.ts'
import type { Track } from './track.ts'

/** Payload of one packet at most: what IP has room for … */
const MOST = 65_495
/** … and where that is too little: what comes in one read of a socket makes two. */
const SEGMENT = 32 << 10
/** What the other side leaves unacknowledged before it sends a bare ACK. */
const ACKNOWLEDGE = 1 << 20

interface Sender {
  /** Of the next byte, modulo 2^32. */
  sequence: number
  /** What this side has acknowledged. */
  acknowledged: number
  /** Bytes sent. */
  sent: number
  packets: number
  over: boolean
}

export interface ScriptOptions {
  readonly track: Track
  readonly ends: Ends
  readonly id: number
  /** Told how many payload bytes there was no room for. */
  readonly lost: (length: number) => void
  /** Told once, at the end. */
  readonly closed: (known: Known) => void
}

/**
 * The TCP connection that would have carried a flow, written packet by packet: handshake, data, acknowledgements, ends.
 * Where there is no room for a packet its bytes are missing as if the capture had lost them.
 */
export class Script implements Scribe {
  readonly #track: Track
  readonly #ends: Ends
  readonly #senders: BySide<Sender>
  readonly #lost: (length: number) => void
  readonly #closed: (known: Known) => void

  constructor({ track, ends, id, lost, closed }: ScriptOptions) {
    this.#track = track
    this.#ends = ends
    this.#lost = lost
    this.#closed = closed
    // Another connection of the same ports must not begin where the last one did.
    this.#senders = {
      client: sender(Math.imul(id, 0x9e37_79b1) >>> 0),
      server: sender(Math.imul(id, 0x85eb_ca77) >>> 0),
    }
  }

  handshake(time: number): void {
    const { client, server } = this.#senders
    this.#packet('client', time, SYN, SYN_OPTIONS)
    client.sequence = (client.sequence + 1) >>> 0
    server.acknowledged = client.sequence
    this.#packet('server', time, SYN | ACK, SYN_OPTIONS)
    server.sequence = (server.sequence + 1) >>> 0
    client.acknowledged = server.sequence
    this.#packet('client', time, ACK)
  }

  data(side: Side, time: number, bytes: Uint8Array, offset: number, secrets: readonly Secret[]): void {
    const sender = this.#senders[side]
    const peer = other(side)
    const size = bytes.length <= MOST ? MOST : SEGMENT
    for (let at = 0; at < bytes.length; at += size) {
      const payload = bytes.subarray(at, at + size)
      if (!this.#data(side, time, payload, offset + at, secrets)) this.#lost(payload.length)
      sender.sequence = (sender.sequence + payload.length) >>> 0
      sender.sent += payload.length
      const receiver = this.#senders[peer]
      if ((sender.sequence - receiver.acknowledged) >>> 0 >= ACKNOWLEDGE) {
        receiver.acknowledged = sender.sequence
        this.#packet(peer, time, ACK)
      }
    }
  }

  /** A packet without data tells of it: whoever reads would else wait for what never comes. */
  gap(side: Side, time: number, length: number): void {
    const sender = this.#senders[side]
    sender.sequence = (sender.sequence + length) >>> 0
    sender.sent += length
    sender.acknowledged = this.#senders[other(side)].sequence
    this.#packet(side, time, ACK, NO_TCP_OPTIONS, [{ kind: 'gap', length }])
  }

  end(side: Side, time: number, ending: Ending): void {
    if (ending === 'fin') this.#fin(side, time)
    else if (ending === 'reset') this.#reset(side, time)
  }

  close(_time: number, known: Known): void {
    this.#closed(known)
  }

  comment(...comment: Parameters<Scribe['comment']>): void {
    this.#track.comment(...comment)
  }

  #fin(side: Side, time: number): void {
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

  #reset(side: Side, time: number): void {
    const sender = this.#senders[side]
    sender.over = true
    sender.acknowledged = this.#senders[other(side)].sequence
    this.#packet(side, time, RST | ACK)
  }

  #data(side: Side, time: number, payload: Uint8Array, offset: number, secrets: readonly Secret[]): boolean {
    const headers = headerLength(this.#ends, NO_TCP_OPTIONS)
    return this.#track.packet(side, time, headers + payload.length, offset + payload.length, (batch, at) => {
      const start = at + PACKET_HEADER + headers
      batch.bytes.set(payload, start)
      overwrite(batch.bytes, start, payload.length, offset, secrets)
      // The checksum runs over whole words.
      batch.bytes.fill(0, start + payload.length, start + ((payload.length + 3) & ~3))
      this.#senders[side].acknowledged = this.#senders[other(side)].sequence
      const segment = this.#segment(side, PSH | ACK, NO_TCP_OPTIONS)
      writeHeaders(batch.view, batch.words, at + PACKET_HEADER, segment, payload.length)
    })
  }

  /** A packet without data: small enough that there is room for it when there is none for data. */
  #packet(side: Side, time: number, flags: number, tcpOptions = NO_TCP_OPTIONS, metadata?: readonly Metadata[]): void {
    const length = headerLength(this.#ends, tcpOptions)
    const fill = ({ view, words }: Batch, at: number): void =>
      writeHeaders(view, words, at + PACKET_HEADER, this.#segment(side, flags, tcpOptions), 0)
    this.#track.packet(side, time, length, this.#senders[side].sent, fill, metadata)
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

const sender = (sequence: number): Sender => ({ sequence, acknowledged: 0, sent: 0, packets: 0, over: false })
