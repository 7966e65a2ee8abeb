import type { Damage } from './error.ts'
import { type FormatReader, MAX_PACKET, type Records, SEARCH, u32Of } from './format.ts'

/** Magic numbers, as the first four bytes read in big-endian order. */
const MICROSECONDS = 0xa1b2_c3d4
const NANOSECONDS = 0xa1b2_3c4d
/** Alexey Kuznetzov's variant, whose record headers are 8 bytes longer. */
const MODIFIED = 0xa1b2_cd34

interface Flavour {
  readonly little: boolean
  /** Nanoseconds in a record's unit of time. */
  readonly unit: number
  readonly recordHeader: number
}

const FLAVOURS: readonly (readonly [magic: number, unit: number, recordHeader: number])[] = [
  [MICROSECONDS, 1000, 16],
  [NANOSECONDS, 1, 16],
  [MODIFIED, 1000, 24],
]

export function pcapFlavour(bytes: Uint8Array, at: number): Flavour | undefined {
  for (const little of [true, false]) {
    const magic = u32Of(bytes, at, little)
    const found = FLAVOURS.find(([known]) => known === magic)
    if (found !== undefined) return { little, unit: found[1], recordHeader: found[2] }
  }
  return undefined
}

const FILE_HEADER = 24
/** Clocks in one file differ by less than this. Where a record is looked for, another time is no record's. */
const PLAUSIBLE_SECONDS = 7 * 86_400

/** The format of libpcap: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html. */
export class PcapReader implements FormatReader {
  readonly name = 'pcap'
  need = FILE_HEADER
  damage: Damage | undefined
  stopped = false

  readonly #records: Records
  readonly #little: boolean
  readonly #unit: number
  readonly #header: number
  #linkType = -1
  #maxLength = MAX_PACKET
  #originSeconds = -1
  #originFraction = 0
  #seconds = 0
  /** Looking for the next record, past damage. */
  #lost = false

  constructor({ little, unit, recordHeader }: Flavour, records: Records) {
    this.#records = records
    this.#little = little
    this.#unit = unit
    this.#header = recordHeader
  }

  read(bytes: Uint8Array, start: number, end: number, offset: number, final: boolean): number {
    let at = start
    if (this.#linkType < 0) {
      if (end - at < FILE_HEADER) {
        if (final) this.#report(offset, 'the file ends within its header')
        return at
      }
      this.#fileHeader(bytes, at)
      at += FILE_HEADER
    }
    const little = this.#little
    const header = this.#header
    while (!this.stopped) {
      if (this.#lost) {
        const found = this.#search(bytes, at, end, final)
        if (found < 0) return at
        at = found
      }
      if (at + header > end) {
        this.need = header
        break
      }
      const captured = u32Of(bytes, at + 8, little)
      if (captured > this.#maxLength) {
        this.#report(offset + at - start, `a record claims ${captured} bytes`)
        this.#lost = true
        continue
      }
      const next = at + header + captured
      if (next > end) {
        this.need = next - at
        break
      }
      this.#packet(bytes, at, next)
      at = next
    }
    if (!final || this.stopped) return at
    if (at < end) {
      this.#report(offset + at - start, 'the file ends in the middle of a packet')
      if (end - at > header) this.#packet(bytes, at, end)
    }
    return end
  }

  #fileHeader(bytes: Uint8Array, at: number): void {
    const snapLength = u32Of(bytes, at + 16, this.#little)
    if (snapLength > MAX_PACKET && snapLength <= MAX_PACKET * 4) this.#maxLength = snapLength
    // What stands above the lower 16 bits tells of frame check sequences.
    this.#linkType = u32Of(bytes, at + 20, this.#little) & 0xffff
    this.need = this.#header
  }

  #packet(bytes: Uint8Array, at: number, end: number): void {
    const little = this.#little
    const seconds = u32Of(bytes, at, little)
    const fraction = u32Of(bytes, at + 4, little)
    if (this.#originSeconds < 0) {
      this.#originSeconds = seconds
      this.#originFraction = fraction
      this.#records.start(BigInt(seconds) * 1_000_000_000n + BigInt(fraction) * BigInt(this.#unit))
    }
    this.#seconds = seconds
    const time = (seconds - this.#originSeconds) * 1e9 + (fraction - this.#originFraction) * this.#unit
    const wireLength = u32Of(bytes, at + 12, little)
    this.#records.packet(bytes, at + this.#header, end, wireLength, time, this.#linkType, 0)
  }

  #report(offset: number, message: string): void {
    this.damage ??= { offset, message }
  }

  /** Where the next record stands; -1 if more bytes are needed, or there is none and reading stops. */
  #search(bytes: Uint8Array, start: number, end: number, final: boolean): number {
    const wanted = SEARCH + MAX_PACKET + 2 * this.#header
    if (end - start < wanted && !final) {
      this.need = wanted
      return -1
    }
    const stop = Math.min(end - this.#header, start + SEARCH)
    for (let at = start + 1; at <= stop; at++) {
      const next = this.#plausible(bytes, at)
      if (next < 0) continue
      const whole = next === end || (next + this.#header <= end && this.#plausible(bytes, next) >= 0)
      if (!whole) continue
      this.#lost = false
      return at
    }
    this.stopped = true
    return -1
  }

  /** Where the record ends that may stand here; -1 if none does. */
  #plausible(bytes: Uint8Array, at: number): number {
    const little = this.#little
    const captured = u32Of(bytes, at + 8, little)
    const wire = u32Of(bytes, at + 12, little)
    if (captured === 0 || captured > this.#maxLength || wire < captured || wire > this.#maxLength * 4) return -1
    if (u32Of(bytes, at + 4, little) * this.#unit >= 1e9) return -1
    const near = this.#originSeconds < 0 || Math.abs(u32Of(bytes, at, little) - this.#seconds) < PLAUSIBLE_SECONDS
    return near ? at + this.#header + captured : -1
  }
}
