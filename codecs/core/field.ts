/**
 * The field tree: a named byte range of a packet for everything that `read` looked at.
 *
 * It is built by the same reads that build the frame (see reader.ts), so that a list, a JSON line, a tree and a hex
 * view of one packet cannot disagree.
 */

/** One node. `start` and `end` are byte offsets in the packet; siblings are ordered and never overlap. */
export interface Field {
  readonly name: string
  readonly start: number
  readonly end: number
  /** Where the value itself stands, where what says its type and length, or what ends it, is part of the field too. */
  readonly content?: { readonly start: number; readonly end: number }
  /** For part of one byte: which bits. Fields with a mask may share their byte with siblings. */
  readonly mask?: number
  readonly value?: unknown
  /** What the value means, where it is a code: `0x87` is "not authorized". */
  readonly text?: string
  /** A credential: shown as `***` unless asked for, and overwritten in recordings. */
  readonly secret?: boolean
  readonly children?: readonly Field[]
}

interface Node {
  name: string
  start: number
  end: number
  content?: { start: number; end: number }
  mask?: number
  value?: unknown
  text?: string
  secret?: boolean
  children?: Node[]
}

/** Collects nodes while a `Reader` walks a packet. Offsets given to it are buffer positions, made relative here. */
export class FieldTree {
  readonly #base: number
  readonly #root: Node
  readonly #path: Node[]
  #last: Node

  constructor(name: string, base: number) {
    this.#base = base
    this.#root = { name, start: 0, end: 0 }
    this.#path = [this.#root]
    this.#last = this.#root
  }

  leaf(name: string, start: number, end: number, value: unknown): void {
    this.#add({ name, start: start - this.#base, end: end - this.#base, value })
  }

  /** Where the value of the leaf added last stands. */
  content(start: number, end: number): void {
    this.#last.content = { start: start - this.#base, end: end - this.#base }
  }

  bits(name: string, at: number, mask: number, value: unknown): void {
    this.#add({ name, start: at - this.#base, end: at - this.#base + 1, mask, value })
  }

  open(name: string, at: number): void {
    const node: Node = { name, start: at - this.#base, end: at - this.#base, children: [] }
    this.#add(node)
    this.#path.push(node)
  }

  close(at: number, value: unknown): void {
    const node = this.#path.pop() as Node
    node.end = at - this.#base
    if (value !== undefined) node.value = value
    this.#last = node
  }

  label(text: string): void {
    this.#last.text = text
  }

  secret(): void {
    this.#last.secret = true
  }

  /** The finished tree, over a packet of `length` bytes. */
  finish(length: number): Field {
    this.#root.end = length
    return this.#root as Field
  }

  #add(node: Node): void {
    const parent = this.#path[this.#path.length - 1] as Node
    if (parent.children === undefined) parent.children = []
    parent.children.push(node)
    this.#last = node
  }
}

/** Walks a tree depth first, parents before children. */
export function* walk(field: Field, depth = 0): Generator<{ readonly field: Field; readonly depth: number }> {
  yield { field, depth }
  for (const child of field.children ?? []) yield* walk(child, depth + 1)
}

/** The byte ranges that hold credentials, in order. */
export function secretRanges(field: Field): { readonly start: number; readonly end: number }[] {
  const ranges = []
  for (const { field: node } of walk(field)) {
    const { start, end } = node.content ?? node
    if (node.secret === true) ranges.push({ start, end })
  }
  return ranges
}
