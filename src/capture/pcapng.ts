import { utf8 } from '../../codecs/core/index.ts'
import { decodeMetadata, ENTERPRISE } from '../metadata.ts'
import {
  CUSTOM,
  CUSTOM_BOUND,
  DECRYPTION_SECRETS,
  ENHANCED_PACKET,
  INTERFACE_DESCRIPTION,
  OPTION_COMMENT,
  OPTION_CUSTOM,
  OPTION_END,
  OPTION_TIME_OFFSET,
  OPTION_TIME_RESOLUTION,
  PACKET,
  PACKET_HEADER,
  SECTION_HEADER,
  SIMPLE_PACKET,
} from '../pcapng.ts'
import { InterfaceClock } from './clock.ts'
import type { Damage } from './error.ts'
import { type FormatReader, MAX_PACKET, type Records, SEARCH, u16Of, u32Of } from './format.ts'
import { isBlock, sectionOrder } from './pcapng-block.ts'

/** Where the packet data begins in a Simple Packet Block. */
const SIMPLE_HEADER = 12

/** Blocks beyond this are damage; the longest that tools write hold TLS secrets. */
const MAX_BLOCK = 16 << 20

interface Interface {
  readonly linkType: number
  /** 0: without limit. */
  readonly snapLength: number
  readonly clock: InterfaceClock
}

/** https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html. */
export class PcapngReader implements FormatReader {
  readonly name = 'pcapng'
  need = 12
  damage: Damage | undefined
  stopped = false

  readonly #records: Records
  #little = true
  /** Of the present section. */
  #interfaces: Interface[] = []
  #sections = 0
  #interfacesBefore = 0
  #origin: bigint | undefined
  /** Of the last packet that has one. */
  #time = 0
  /** Looking for the next block, past damage. */
  #lost = false

  constructor(records: Records) {
    this.#records = records
  }

  read(bytes: Uint8Array, start: number, end: number, offset: number, final: boolean): number {
    let at = start
    while (!this.stopped) {
      if (this.#lost) {
        const found = this.#search(bytes, at, end, final)
        if (found < 0) return at
        at = found
      }
      if (end - at < 12) {
        this.need = 12
        break
      }
      const length = this.#blockLength(bytes, at)
      if (length < 0) {
        this.#report(offset + at - start, 'what stands here is not a block')
        this.#lost = true
        continue
      }
      if (length > end - at) {
        this.need = length
        break
      }
      if (u32Of(bytes, at + length - 4, this.#little) !== length) {
        this.#report(offset + at - start, 'the length of a block is not the one at its end')
        this.#lost = true
        continue
      }
      this.#records.block(offset + at - start)
      this.#block(bytes, at, at + length)
      at += length
    }
    if (!final || this.stopped) return at
    if (at < end) {
      this.#report(offset + at - start, 'the file ends in the middle of a block')
      this.#cutBlock(bytes, at, end)
    }
    return end
  }

  /** The length of the block that begins here, from its first 12 bytes; -1 if none can. */
  #blockLength(bytes: Uint8Array, at: number): number {
    if (u32Of(bytes, at, this.#little) === SECTION_HEADER) {
      const little = sectionOrder(bytes, at)
      if (little === undefined) return -1
      this.#little = little
    } else if (this.#sections === 0) return -1
    const length = u32Of(bytes, at + 4, this.#little)
    return length < 12 || length % 4 !== 0 || length > MAX_BLOCK ? -1 : length
  }

  #block(bytes: Uint8Array, at: number, end: number): void {
    const bodyEnd = end - 4
    switch (u32Of(bytes, at, this.#little)) {
      case SECTION_HEADER:
        this.#sections++
        this.#interfacesBefore += this.#interfaces.length
        this.#interfaces = []
        this.#introduction(bytes, at + 24, bodyEnd)
        this.#options(bytes, at + 24, bodyEnd)
        break
      case INTERFACE_DESCRIPTION:
        this.#interface(bytes, at, bodyEnd)
        break
      case ENHANCED_PACKET:
        this.#packet(bytes, at, bodyEnd, u32Of(bytes, at + 8, this.#little), true)
        break
      case PACKET:
        this.#packet(bytes, at, bodyEnd, u16Of(bytes, at + 8, this.#little), true)
        break
      case SIMPLE_PACKET:
        this.#simplePacket(bytes, at, bodyEnd)
        break
      case DECRYPTION_SECRETS:
        this.#secrets(bytes, at, bodyEnd)
        break
      case CUSTOM:
      case CUSTOM_BOUND:
        // Wireshark numbers it as if it were a packet.
        this.#records.other()
        this.#metadata(bytes, at + 8, bodyEnd)
        break
    }
  }

  /** What stands under an enterprise's number is ours, or somebody else's. */
  #metadata(bytes: Uint8Array, start: number, end: number): void {
    if (end - start < 4 || u32Of(bytes, start, this.#little) !== ENTERPRISE) return
    const metadata = decodeMetadata(bytes.subarray(start + 4, end))
    if (metadata !== undefined) this.#records.metadata(metadata)
  }

  #interface(bytes: Uint8Array, at: number, end: number): void {
    if (end - at < 16) return
    let resolution: number | undefined
    let offset: bigint | undefined
    this.#options(bytes, at + 16, end, (code, value, length) => {
      if (code === OPTION_TIME_RESOLUTION && length >= 1) resolution = bytes[value] as number
      if (code === OPTION_TIME_OFFSET && length >= 8) offset = this.#i64(bytes, value)
    })
    this.#interfaces.push({
      linkType: u16Of(bytes, at + 8, this.#little),
      snapLength: u32Of(bytes, at + 12, this.#little),
      clock: new InterfaceClock(resolution, offset),
    })
  }

  /** Enhanced Packet Block and Packet Block, which differ in how they name the interface. `end` is the body's. */
  #packet(bytes: Uint8Array, at: number, end: number, id: number, whole: boolean): void {
    const little = this.#little
    const start = at + PACKET_HEADER
    const from = this.#interfaces[id]
    if (from === undefined || start > end) {
      this.#records.bad()
      return
    }
    const captured = u32Of(bytes, at + 20, little)
    if (whole && captured > end - start) {
      this.#records.bad()
      return
    }
    const high = u32Of(bytes, at + 12, little)
    const low = u32Of(bytes, at + 16, little)
    this.#origin ??= this.#begin(from.clock.absolute(high, low))
    this.#time = from.clock.since(this.#origin, high, low)
    const stop = Math.min(end, start + captured)
    const wireLength = u32Of(bytes, at + 24, little)
    const vantage = this.#interfacesBefore + id
    const options = start + ((captured + 3) & ~3)
    if (options < end) {
      this.#introduction(bytes, options, end)
      this.#remarks(bytes, options, end)
    }
    this.#records.packet(bytes, start, stop, wireLength, this.#time, from.linkType, vantage)
  }

  #remarks(bytes: Uint8Array, start: number, end: number): void {
    this.#each(bytes, start, end, (code, value, length) => {
      if (code === OPTION_COMMENT) this.#records.remark(utf8(bytes, value, value + length))
    })
  }

  /** What has to be known of a packet's flow before the packet; what a recording says of itself. */
  #introduction(bytes: Uint8Array, start: number, end: number): void {
    this.#each(bytes, start, end, (code, value, length) => {
      if (code === OPTION_CUSTOM) this.#metadata(bytes, value, value + length)
    })
  }

  /** It has no time of its own: that of the packet before it must do. */
  #simplePacket(bytes: Uint8Array, at: number, end: number): void {
    const start = at + SIMPLE_HEADER
    const from = this.#interfaces[0]
    if (from === undefined || start > end) {
      this.#records.bad()
      return
    }
    this.#origin ??= this.#begin(0n)
    const wireLength = u32Of(bytes, at + 8, this.#little)
    const captured = Math.min(wireLength, from.snapLength === 0 ? wireLength : from.snapLength, end - start)
    const vantage = this.#interfacesBefore
    this.#records.packet(bytes, start, start + captured, wireLength, this.#time, from.linkType, vantage)
  }

  #secrets(bytes: Uint8Array, at: number, end: number): void {
    if (end - at < 16) return
    const length = Math.min(u32Of(bytes, at + 12, this.#little), end - at - 16)
    this.#records.secrets(u32Of(bytes, at + 8, this.#little), bytes.slice(at + 16, at + 16 + length))
  }

  #begin(origin: bigint): bigint {
    this.#records.start(origin)
    return origin
  }

  /** The options of what is told of the whole: comments are the same everywhere. */
  #options(bytes: Uint8Array, start: number, end: number, visit?: Visit): void {
    this.#each(bytes, start, end, (code, value, length) => {
      if (code === OPTION_COMMENT) this.#records.comment(utf8(bytes, value, value + length))
      else visit?.(code, value, length)
    })
  }

  /** Walks a list of options. */
  #each(bytes: Uint8Array, start: number, end: number, visit: Visit): void {
    for (let at = start; at + 4 <= end; ) {
      const code = u16Of(bytes, at, this.#little)
      const length = u16Of(bytes, at + 2, this.#little)
      const value = at + 4
      if (code === OPTION_END || value + length > end) return
      visit(code, value, length)
      at = value + ((length + 3) & ~3)
    }
  }

  #i64(bytes: Uint8Array, at: number): bigint {
    const high = u32Of(bytes, this.#little ? at + 4 : at, this.#little)
    const low = u32Of(bytes, this.#little ? at : at + 4, this.#little)
    return (BigInt(high | 0) << 32n) | BigInt(low)
  }

  /** The last block, of which the end is missing: its packet is read as far as it goes. */
  #cutBlock(bytes: Uint8Array, at: number, end: number): void {
    if (end - at <= PACKET_HEADER) return
    const type = u32Of(bytes, at, this.#little)
    if (type === ENHANCED_PACKET) this.#packet(bytes, at, end, u32Of(bytes, at + 8, this.#little), false)
    else if (type === PACKET) this.#packet(bytes, at, end, u16Of(bytes, at + 8, this.#little), false)
    else if (type === SIMPLE_PACKET) this.#simplePacket(bytes, at, end)
    else if (type === DECRYPTION_SECRETS) this.#secrets(bytes, at, end)
  }

  #report(offset: number, message: string): void {
    this.damage ??= { offset, message }
  }

  /** Where the next block stands; -1 if more bytes are needed, or there is none and reading stops. */
  #search(bytes: Uint8Array, start: number, end: number, final: boolean): number {
    const wanted = SEARCH + MAX_PACKET
    if (end - start < wanted && !final) {
      this.need = wanted
      return -1
    }
    const stop = Math.min(end - 12, start + SEARCH)
    for (let at = start + 1; at <= stop; at++) {
      if (!isBlock(bytes, at, end, this.#sections === 0 ? undefined : this.#little)) continue
      this.#lost = false
      return at
    }
    this.stopped = true
    return -1
  }
}

type Visit = (code: number, value: number, length: number) => void
