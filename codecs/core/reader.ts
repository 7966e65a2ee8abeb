import { Cursor } from './cursor.ts'
import { type Field, FieldTree } from './field.ts'
import type { Packet } from './packet.ts'

/**
 * Walks one packet and names everything it reads.
 *
 * The same `read` function of a codec serves twice: untraced it yields the frame, and the names cost a comparison
 * each; traced it yields the field tree beside it. A reader never throws and never passes its end: what is not there
 * reads as 0 or empty and is reported once, as `short-field` (or as a note where the packet itself was cut on purpose).
 */
export class Reader extends Cursor {
  /** Read at once what is otherwise read when first asked for, so that every diagnostic is found. */
  deep = false

  /** Starts over on a packet. */
  open(packet: Packet, options: { readonly deep?: boolean; readonly trace?: boolean } = {}): this {
    this.#over(packet.buffer, packet.start, packet.end)
    this.cutShort = packet.end - packet.start < packet.length
    this.deep = options.deep === true || options.trace === true
    this.tree = options.trace === true ? new FieldTree('', packet.start) : undefined
    return this
  }

  /** Starts over on bare bytes, untraced: a section that is read later than its frame. */
  openBytes(bytes: Uint8Array, start: number, end: number): this {
    this.#over(bytes, start, end)
    this.cutShort = false
    this.deep = false
    this.tree = undefined
    return this
  }

  #over(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes
    this.position = start
    this.limit = end
    this.base = start
    this.end = end
    this.last = start
    this.short = false
    this.found = undefined
  }

  /** Records a field over [start, position) that the codec decoded itself (a variable-length integer). */
  field(name: string, start: number, value: unknown): void {
    this.last = start
    if (this.tree !== undefined) this.tree.leaf(name, start, this.position, value)
  }

  /** Says that the value of the field read last is what stands from `start` on: after its type and length, before `end`. */
  content(start: number, end = this.position): void {
    if (this.tree !== undefined) this.tree.content(start, end)
  }

  /** Begins a group of fields; every `begin` has its `done`. */
  begin(name: string): void {
    if (this.tree !== undefined) this.tree.open(name, this.position)
  }

  done(value?: unknown): void {
    if (this.tree !== undefined) this.tree.close(this.position, value)
  }

  /** Says what the field read last (or the group done last) means. */
  label(text: string | undefined): void {
    if (this.tree !== undefined && text !== undefined) this.tree.label(text)
  }

  /** Marks the field read last as a credential. */
  secret(): void {
    if (this.tree !== undefined) this.tree.secret()
  }

  /**
   * Narrows reading to the next `length` bytes, until `leave` is given what this returns.
   * A length that passes the enclosing end is reported and narrowed to it.
   */
  enter(length: number, name: string): number {
    const outer = this.limit
    this.limit = this.ending(this.position, length, name)
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
    const end = this.ending(this.position, length, name)
    if (!this.deep) {
      const later = new Deferred(read, this.bytes, this.position, end)
      this.last = this.position
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

  /** Ends the packet: what was not read is named and reported. Returns the tree, where one was asked for. */
  finish(name: string): Field | undefined {
    this.limit = this.end
    this.#drain('trailing')
    if (this.tree === undefined) return undefined
    const root = this.tree.finish(this.end - this.base)
    return { ...root, name }
  }

  #drain(name: string): void {
    if (this.position >= this.limit) return
    const start = this.position
    this.take(this.limit - start, name)
    if (!this.short) {
      this.flag('warning', `${name}-bytes`, `${this.limit - start} bytes that the specification has no place for`)
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
