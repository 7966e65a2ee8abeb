import type { Diagnostic, Severity } from './diagnostic.ts'
import { type Field, FieldTree } from './field.ts'
import { textAt } from './names.ts'
import type { Packet } from './packet.ts'
import { validUtf8 } from './text.ts'

/**
 * Walks one packet and names everything it reads.
 *
 * The same `read` function of a codec serves twice: untraced it yields the frame, and the names cost a comparison
 * each; traced it yields the field tree beside it. A reader never throws and never passes its end: what is not there
 * reads as 0 or empty and is reported once, as `short-field` (or as a note where the packet itself was cut on purpose).
 */
export class Reader {
  bytes: Uint8Array = empty
  /** Next byte to read, as a position in `bytes`. */
  position = 0
  /** End of what may be read: the packet's, or that of the section entered last. */
  limit = 0
  /** Read at once what is otherwise read when first asked for, so that every diagnostic is found. */
  deep = false

  #base = 0
  #end = 0
  #last = 0
  #cut = false
  #short = false
  #tree: FieldTree | undefined
  #diagnostics: Diagnostic[] | undefined

  /** Starts over on a packet. */
  open(packet: Packet, options: { readonly deep?: boolean; readonly trace?: boolean } = {}): this {
    this.#over(packet.buffer, packet.start, packet.end)
    this.#cut = packet.end - packet.start < packet.length
    this.deep = options.deep === true || options.trace === true
    this.#tree = options.trace === true ? new FieldTree('', packet.start) : undefined
    return this
  }

  /** Starts over on bare bytes, untraced: a section that is read later than its frame. */
  openBytes(bytes: Uint8Array, start: number, end: number): this {
    this.#over(bytes, start, end)
    this.#cut = false
    this.deep = false
    this.#tree = undefined
    return this
  }

  #over(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes
    this.position = start
    this.limit = end
    this.#base = start
    this.#end = end
    this.#last = start
    this.#short = false
    this.#diagnostics = undefined
  }

  get remaining(): number {
    return this.limit - this.position
  }

  /** Only the head of this packet was kept. */
  get cut(): boolean {
    return this.#cut
  }

  get traced(): boolean {
    return this.#tree !== undefined
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics ?? none
  }

  /** Position relative to the packet's first byte: what a diagnostic's range is made of. */
  get offset(): number {
    return this.position - this.#base
  }

  /** True once something was not there to be read. What follows reads as 0. */
  get ranOut(): boolean {
    return this.#short
  }

  u8(name: string): number {
    const at = this.position
    if (at >= this.limit) return this.#missing(name, 1)
    this.position = at + 1
    this.#last = at
    const value = this.bytes[at] as number
    if (this.#tree !== undefined) this.#tree.leaf(name, at, at + 1, value)
    return value
  }

  u16(name: string): number {
    const at = this.position
    if (at + 2 > this.limit) return this.#missing(name, 2)
    this.position = at + 2
    this.#last = at
    const bytes = this.bytes
    const value = ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
    if (this.#tree !== undefined) this.#tree.leaf(name, at, at + 2, value)
    return value
  }

  u32(name: string): number {
    const at = this.position
    if (at + 4 > this.limit) return this.#missing(name, 4)
    this.position = at + 4
    this.#last = at
    const value = u32At(this.bytes, at)
    if (this.#tree !== undefined) this.#tree.leaf(name, at, at + 4, value)
    return value
  }

  /** 64 bits unsigned: a number while it is exact, a bigint from 2^53 on. */
  u64(name: string): number | bigint {
    const at = this.position
    if (at + 8 > this.limit) return this.#missing(name, 8)
    this.position = at + 8
    this.#last = at
    const value = u64At(this.bytes, at)
    if (this.#tree !== undefined) this.#tree.leaf(name, at, at + 8, value)
    return value
  }

  i8(name: string): number {
    const at = this.position
    if (at >= this.limit) return this.#missing(name, 1)
    this.position = at + 1
    this.#last = at
    const value = ((this.bytes[at] as number) << 24) >> 24
    if (this.#tree !== undefined) this.#tree.leaf(name, at, at + 1, value)
    return value
  }

  i16(name: string): number {
    const at = this.position
    if (at + 2 > this.limit) return this.#missing(name, 2)
    this.position = at + 2
    this.#last = at
    const value = (((this.bytes[at] as number) << 24) >> 16) | (this.bytes[at + 1] as number)
    if (this.#tree !== undefined) this.#tree.leaf(name, at, at + 2, value)
    return value
  }

  i32(name: string): number {
    const at = this.position
    if (at + 4 > this.limit) return this.#missing(name, 4)
    this.position = at + 4
    this.#last = at
    const value = u32At(this.bytes, at) | 0
    if (this.#tree !== undefined) this.#tree.leaf(name, at, at + 4, value)
    return value
  }

  /** 64 bits signed: a number while it is exact, a bigint beyond ±2^53. */
  i64(name: string): number | bigint {
    const at = this.position
    if (at + 8 > this.limit) return this.#missing(name, 8)
    this.position = at + 8
    this.#last = at
    const value = i64At(this.bytes, at)
    if (this.#tree !== undefined) this.#tree.leaf(name, at, at + 8, value)
    return value
  }

  f32(name: string): number {
    const at = this.position
    if (at + 4 > this.limit) return this.#missing(name, 4)
    this.position = at + 4
    this.#last = at
    const value = view(this.bytes, at, 4).getFloat32(0)
    if (this.#tree !== undefined) this.#tree.leaf(name, at, at + 4, value)
    return value
  }

  f64(name: string): number {
    const at = this.position
    if (at + 8 > this.limit) return this.#missing(name, 8)
    this.position = at + 8
    this.#last = at
    const value = view(this.bytes, at, 8).getFloat64(0)
    if (this.#tree !== undefined) this.#tree.leaf(name, at, at + 8, value)
    return value
  }

  /** `length` bytes as a view. Fewer where the packet ends before. */
  take(length: number, name: string): Uint8Array {
    const at = this.position
    const end = this.#ending(at, length, name)
    this.position = end
    this.#last = at
    const value = this.bytes.subarray(at, end)
    if (this.#tree !== undefined) this.#tree.leaf(name, at, end, value)
    return value
  }

  /** `length` bytes of UTF-8. What is not UTF-8 reads as U+FFFD; ask `isUtf8` to tell. */
  text(length: number, name: string): string {
    const at = this.position
    const end = this.#ending(at, length, name)
    this.position = end
    this.#last = at
    const value = textAt(this.bytes, at, end)
    if (this.#tree !== undefined) this.#tree.leaf(name, at, end, value)
    return value
  }

  /** Whether the text read last was valid UTF-8: looked at again only if it holds a U+FFFD. */
  isUtf8(text: string): boolean {
    return !text.includes('\ufffd') || validUtf8(this.bytes, this.#last, this.position) !== undefined
  }

  /** The bits of `mask` in the byte read last, shifted down; 0 where that byte was not there. */
  bits(name: string, mask: number): number {
    if (this.#last >= this.position) return 0
    const value = ((this.bytes[this.position - 1] ?? 0) & mask) / (mask & -mask)
    if (this.#tree !== undefined) this.#tree.bits(name, this.position - 1, mask, value)
    return value
  }

  /** One bit of the byte read last. */
  bit(name: string, mask: number): boolean {
    if (this.#last >= this.position) return false
    const value = ((this.bytes[this.position - 1] ?? 0) & mask) !== 0
    if (this.#tree !== undefined) this.#tree.bits(name, this.position - 1, mask, value)
    return value
  }

  /** Records a field over [start, position) that the codec decoded itself (a variable-length integer). */
  field(name: string, start: number, value: unknown): void {
    this.#last = start
    if (this.#tree !== undefined) this.#tree.leaf(name, start, this.position, value)
  }

  /** Says that the value of the field read last is what stands from `start` on: after its type and length, before `end`. */
  content(start: number, end = this.position): void {
    if (this.#tree !== undefined) this.#tree.content(start, end)
  }

  /** Begins a group of fields; every `begin` has its `done`. */
  begin(name: string): void {
    if (this.#tree !== undefined) this.#tree.open(name, this.position)
  }

  done(value?: unknown): void {
    if (this.#tree !== undefined) this.#tree.close(this.position, value)
  }

  /** Says what the field read last (or the group done last) means. */
  label(text: string | undefined): void {
    if (this.#tree !== undefined && text !== undefined) this.#tree.label(text)
  }

  /** Marks the field read last as a credential. */
  secret(): void {
    if (this.#tree !== undefined) this.#tree.secret()
  }

  /**
   * Narrows reading to the next `length` bytes, until `leave` is given what this returns.
   * A length that passes the enclosing end is reported and narrowed to it.
   */
  enter(length: number, name: string): number {
    const outer = this.limit
    this.limit = this.#ending(this.position, length, name)
    return outer
  }

  /** Ends a section: what it left unread is skipped, named `unread`, and reported. */
  leave(outer: number): void {
    this.#drain('unread')
    this.limit = outer
  }

  /**
   * A section that is dear and seldom asked for: `length` bytes that `read` takes apart when `value` is first asked
   * for, or at once where the reader is deep. `read` must not close over the reader.
   */
  defer<T>(length: number, name: string, read: (reader: Reader) => T): Deferred<T> {
    const end = this.#ending(this.position, length, name)
    if (!this.deep) {
      const later = new Deferred(read, this.bytes, this.position, end)
      this.#last = this.position
      this.position = end
      return later
    }
    const outer = this.limit
    this.limit = end
    this.begin(name)
    const value = read(this)
    this.leave(outer)
    this.done()
    return new Deferred(read, this.bytes, end, end, { value })
  }

  /** Reports something about the field read last, or about bytes [start, end) of the packet. */
  flag(severity: Severity, code: string, message: string, rule?: string, start?: number, end?: number): void {
    const diagnostic: Diagnostic = {
      code,
      severity,
      message,
      start: start ?? this.#last - this.#base,
      end: end ?? this.position - this.#base,
      ...(rule === undefined ? {} : { rule }),
    }
    if (this.#diagnostics === undefined) this.#diagnostics = [diagnostic]
    else if (this.#diagnostics.length < MAX_DIAGNOSTICS) this.#diagnostics.push(diagnostic)
  }

  /** Ends the packet: what was not read is named and reported. Returns the tree, where one was asked for. */
  finish(name: string): Field | undefined {
    this.limit = this.#end
    this.#drain('trailing')
    if (this.#tree === undefined) return undefined
    const root = this.#tree.finish(this.#end - this.#base)
    return { ...root, name }
  }

  #drain(name: string): void {
    if (this.position >= this.limit) return
    const start = this.position
    this.take(this.limit - start, name)
    if (!this.#short) {
      this.flag('warning', `${name}-bytes`, `${this.limit - start} bytes that the specification has no place for`)
    }
  }

  /** Where a field of `length` bytes at `at` ends; reported where that is past the limit. */
  #ending(at: number, length: number, name: string): number {
    const end = at + length
    if (end <= this.limit && length >= 0) return end
    this.#report(name, length, this.limit - at)
    return this.limit
  }

  #missing(name: string, length: number): number {
    this.#last = this.position
    this.#report(name, length, this.limit - this.position)
    // The bytes that are there belong to no whole field: skipped, so that whatever follows is not read askew.
    if (this.position < this.limit) {
      const start = this.position
      this.position = this.limit
      if (this.#tree !== undefined) this.#tree.leaf(name, start, this.limit, undefined)
    }
    return 0
  }

  #report(name: string, wanted: number, found: number): void {
    if (this.#short) return
    this.#short = true
    const at = this.position - this.#base
    if (this.#cut) {
      this.flag('note', 'cut-short', `the rest of this frame was not kept, from ${name} on`, undefined, at, at)
    } else {
      const message = `${name} wants ${wanted} ${wanted === 1 ? 'byte' : 'bytes'} where ${found} are left`
      this.flag('error', 'short-field', message, undefined, at, this.#end - this.#base)
    }
  }
}

/** The value of a section, read when first asked for. */
export class Deferred<T> {
  readonly #read: (reader: Reader) => T
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  #held: { readonly value: T } | undefined

  constructor(
    read: (reader: Reader) => T,
    bytes: Uint8Array,
    start: number,
    end: number,
    held?: { readonly value: T },
  ) {
    this.#read = read
    this.bytes = bytes
    this.start = start
    this.end = end
    this.#held = held
  }

  get value(): T {
    this.#held ??= { value: this.#read(new Reader().openBytes(this.bytes, this.start, this.end)) }
    return this.#held.value
  }

  toJSON(): T {
    return this.value
  }
}

/** More than a person reads of one packet, and a bound on what garbage can make us keep. */
const MAX_DIAGNOSTICS = 32
const none: readonly Diagnostic[] = []
const empty: Uint8Array = new Uint8Array(0)

export const u16At = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number)

export const u32At = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)) >>>
  0

export function u64At(bytes: Uint8Array, at: number): number | bigint {
  const high = u32At(bytes, at)
  const low = u32At(bytes, at + 4)
  return high < 0x20_0000 ? high * 0x1_0000_0000 + low : (BigInt(high) << 32n) | BigInt(low)
}

export function i64At(bytes: Uint8Array, at: number): number | bigint {
  const high = u32At(bytes, at) | 0
  const low = u32At(bytes, at + 4)
  return high >= -0x20_0000 && high < 0x20_0000 ? high * 0x1_0000_0000 + low : (BigInt(high) << 32n) | BigInt(low)
}

const view = (bytes: Uint8Array, at: number, length: number): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset + at, length)
