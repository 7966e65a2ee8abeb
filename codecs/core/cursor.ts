import type { Diagnostic, Severity } from './diagnostic.ts'
import type { FieldTree } from './field.ts'
import { textAt } from './names.ts'
import { f32At, f64At, i64At, u32At, u64At } from './numbers.ts'
import { validUtf8 } from './text.ts'

/** Reads numbers, bytes and text one after the other, names them, and says what is not there. */
export class Cursor {
  bytes: Uint8Array = empty
  /** Next byte to read, as a position in `bytes`. */
  position = 0
  /** End of what may be read: the packet's, or that of the section entered last. */
  limit = 0
  /** Where the packet begins, and ends. */
  protected base = 0
  protected end = 0
  /** Where the field read last begins. */
  protected last = 0
  protected cutShort = false
  protected short = false
  protected tree: FieldTree | undefined
  protected found: Diagnostic[] | undefined

  get remaining(): number {
    return this.limit - this.position
  }

  /** Only the head of this packet was kept. */
  get cut(): boolean {
    return this.cutShort
  }

  get traced(): boolean {
    return this.tree !== undefined
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.found ?? none
  }

  /** Position relative to the packet's first byte: what a diagnostic's range is made of. */
  get offset(): number {
    return this.position - this.base
  }

  /** True once something was not there to be read. What follows reads as 0. */
  get ranOut(): boolean {
    return this.short
  }

  u8(name: string): number {
    const at = this.position
    if (at >= this.limit) return this.missing(name, 1)
    this.position = at + 1
    this.last = at
    const value = this.bytes[at] as number
    if (this.tree !== undefined) this.tree.leaf(name, at, at + 1, value)
    return value
  }

  u16(name: string): number {
    const at = this.position
    if (at + 2 > this.limit) return this.missing(name, 2)
    this.position = at + 2
    this.last = at
    const bytes = this.bytes
    const value = ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
    if (this.tree !== undefined) this.tree.leaf(name, at, at + 2, value)
    return value
  }

  u32(name: string): number {
    const at = this.position
    if (at + 4 > this.limit) return this.missing(name, 4)
    this.position = at + 4
    this.last = at
    const value = u32At(this.bytes, at)
    if (this.tree !== undefined) this.tree.leaf(name, at, at + 4, value)
    return value
  }

  /** 64 bits unsigned: a number while it is exact, a bigint from 2^53 on. */
  u64(name: string): number | bigint {
    const at = this.position
    if (at + 8 > this.limit) return this.missing(name, 8)
    this.position = at + 8
    this.last = at
    const value = u64At(this.bytes, at)
    if (this.tree !== undefined) this.tree.leaf(name, at, at + 8, value)
    return value
  }

  i8(name: string): number {
    const at = this.position
    if (at >= this.limit) return this.missing(name, 1)
    this.position = at + 1
    this.last = at
    const value = ((this.bytes[at] as number) << 24) >> 24
    if (this.tree !== undefined) this.tree.leaf(name, at, at + 1, value)
    return value
  }

  i16(name: string): number {
    const at = this.position
    if (at + 2 > this.limit) return this.missing(name, 2)
    this.position = at + 2
    this.last = at
    const value = (((this.bytes[at] as number) << 24) >> 16) | (this.bytes[at + 1] as number)
    if (this.tree !== undefined) this.tree.leaf(name, at, at + 2, value)
    return value
  }

  i32(name: string): number {
    const at = this.position
    if (at + 4 > this.limit) return this.missing(name, 4)
    this.position = at + 4
    this.last = at
    const value = u32At(this.bytes, at) | 0
    if (this.tree !== undefined) this.tree.leaf(name, at, at + 4, value)
    return value
  }

  /** 64 bits signed: a number while it is exact, a bigint beyond ±2^53. */
  i64(name: string): number | bigint {
    const at = this.position
    if (at + 8 > this.limit) return this.missing(name, 8)
    this.position = at + 8
    this.last = at
    const value = i64At(this.bytes, at)
    if (this.tree !== undefined) this.tree.leaf(name, at, at + 8, value)
    return value
  }

  f32(name: string): number {
    const at = this.position
    if (at + 4 > this.limit) return this.missing(name, 4)
    this.position = at + 4
    this.last = at
    const value = f32At(this.bytes, at)
    if (this.tree !== undefined) this.tree.leaf(name, at, at + 4, value)
    return value
  }

  f64(name: string): number {
    const at = this.position
    if (at + 8 > this.limit) return this.missing(name, 8)
    this.position = at + 8
    this.last = at
    const value = f64At(this.bytes, at)
    if (this.tree !== undefined) this.tree.leaf(name, at, at + 8, value)
    return value
  }

  /** `length` bytes as a view. Fewer where the packet ends before. */
  take(length: number, name: string): Uint8Array {
    const at = this.position
    const end = this.ending(at, length, name)
    this.position = end
    this.last = at
    const value = this.bytes.subarray(at, end)
    if (this.tree !== undefined) this.tree.leaf(name, at, end, value)
    return value
  }

  /** `length` bytes of UTF-8. What is not UTF-8 reads as U+FFFD; ask `isUtf8` to tell. */
  text(length: number, name: string): string {
    const at = this.position
    const end = this.ending(at, length, name)
    this.position = end
    this.last = at
    const value = textAt(this.bytes, at, end)
    if (this.tree !== undefined) this.tree.leaf(name, at, end, value)
    return value
  }

  /** Whether the text read last was valid UTF-8: looked at again only if it holds a U+FFFD. */
  isUtf8(text: string): boolean {
    return !text.includes('\ufffd') || validUtf8(this.bytes, this.last, this.position) !== undefined
  }

  /** The bits of `mask` in the byte read last, shifted down; 0 where that byte was not there. */
  bits(name: string, mask: number): number {
    if (this.last >= this.position) return 0
    const value = ((this.bytes[this.position - 1] ?? 0) & mask) / (mask & -mask)
    if (this.tree !== undefined) this.tree.bits(name, this.position - 1, mask, value)
    return value
  }

  /** One bit of the byte read last. */
  bit(name: string, mask: number): boolean {
    if (this.last >= this.position) return false
    const value = ((this.bytes[this.position - 1] ?? 0) & mask) !== 0
    if (this.tree !== undefined) this.tree.bits(name, this.position - 1, mask, value)
    return value
  }

  /** Reports something about the field read last, or about bytes [start, end) of the packet. */
  flag(severity: Severity, code: string, message: string, rule?: string, start?: number, end?: number): void {
    const diagnostic: Diagnostic = {
      code,
      severity,
      message,
      start: start ?? this.last - this.base,
      end: end ?? this.position - this.base,
      ...(rule === undefined ? {} : { rule }),
    }
    if (this.found === undefined) this.found = [diagnostic]
    else if (this.found.length < MAX_DIAGNOSTICS) this.found.push(diagnostic)
  }

  /** Where a field of `length` bytes at `at` ends; reported where that is past the limit. */
  protected ending(at: number, length: number, name: string): number {
    const end = at + length
    if (end <= this.limit && length >= 0) return end
    this.report(name, length, this.limit - at)
    return this.limit
  }

  protected missing(name: string, length: number): number {
    this.last = this.position
    this.report(name, length, this.limit - this.position)
    // The bytes that are there belong to no whole field: skipped, so that whatever follows is not read askew.
    if (this.position < this.limit) {
      const start = this.position
      this.position = this.limit
      if (this.tree !== undefined) this.tree.leaf(name, start, this.limit, undefined)
    }
    return 0
  }

  protected report(name: string, wanted: number, found: number): void {
    if (this.short) return
    this.short = true
    const at = this.position - this.base
    if (this.cutShort) {
      this.flag('note', 'cut-short', `the rest of this frame was not kept, from ${name} on`, undefined, at, at)
    } else {
      const message = `${name} wants ${wanted} ${wanted === 1 ? 'byte' : 'bytes'} where ${found} are left`
      this.flag('error', 'short-field', message, undefined, at, this.end - this.base)
    }
  }
}

/** More than a person reads of one packet, and a bound on what garbage can make us keep. */
const MAX_DIAGNOSTICS = 32
const none: readonly Diagnostic[] = []
const empty: Uint8Array = new Uint8Array(0)
