import type { Node } from './parse.ts'
import { type Program, programOf, type Step } from './program.ts'
import { type CharSet, includes, WORD } from './set.ts'

/** What stands before the next character. */
type Before = 'start' | 'word' | 'other'

interface State {
  /** Steps that are waiting, before the assertions among them are decided. */
  readonly steps: readonly number[]
  readonly before: Before
  /** By class of character, as far as it was ever needed. */
  readonly next: (State | undefined)[]
}

/** What states may take together, in entries of their tables. */
const ROOM = 1 << 18
/** What comes of a step that ends in a match. */
const MATCH = -1

/**
 * Tells whether a pattern matches anywhere in a text, in time linear in the text whatever the pattern: all ways are
 * followed at once, and the sets of steps that occur are remembered as states of a deterministic automaton. Where they
 * are too many to remember, the rest of the text is gone through without.
 */
export class Automaton {
  readonly #program: Program
  readonly #classes: Classes
  /** Of each step that takes a character: the classes that it takes. */
  readonly #takes: readonly (Uint8Array | undefined)[]
  readonly #anchored: boolean
  readonly #states = new Map<string, State>()
  #room = ROOM
  /** Steps reached without taking a character, steps after it, and the steps that are followed. */
  readonly #reached: Steps
  #waiting: Steps
  #current: Steps

  constructor(node: Node) {
    this.#program = programOf(node)
    const { steps } = this.#program
    this.#classes = new Classes(steps)
    this.#takes = steps.map(step => (step.kind === 'set' ? this.#classes.members(step) : undefined))
    this.#anchored = begins(node)
    this.#reached = new Steps(steps.length)
    this.#waiting = new Steps(steps.length)
    this.#current = new Steps(steps.length)
  }

  test(text: string): boolean {
    const classes = this.#classes
    let state = this.#state([this.#program.start], 'start')
    for (let at = 0; at < text.length; at++) {
      const from = at
      const point = pointAt(text, at)
      if (point > 0xffff) at++
      const kind = classes.of(point)
      const next = state.next[kind] ?? this.#step(state, kind)
      if (next === undefined) return this.#rest(text, from, state)
      if (next === MATCHED) return true
      if (next.steps.length === 0) return false
      state = next
    }
    return this.#follow(state.steps, state.steps.length, state.before, classes.end) === MATCH
  }

  /** The state after `state`; undefined where there is no room for another. */
  #step(state: State, kind: number): State | undefined {
    const count = this.#follow(state.steps, state.steps.length, state.before, kind)
    if (count === MATCH) return (state.next[kind] = MATCHED)
    const steps = [...this.#waiting.list.subarray(0, count)].sort((a, b) => a - b)
    const next = this.#state(steps, this.#classes.before(kind))
    if (this.#room >= 0) return (state.next[kind] = next)
    this.#states.clear()
    this.#room = ROOM
    return undefined
  }

  /** Goes through the text from `at` on without remembering anything. */
  #rest(text: string, start: number, { steps, before: first }: State): boolean {
    const classes = this.#classes
    let before = first
    this.#current.set(steps)
    for (let at = start; at < text.length; at++) {
      const point = pointAt(text, at)
      if (point > 0xffff) at++
      const kind = classes.of(point)
      const count = this.#follow(this.#current.list, this.#current.count, before, kind)
      if (count === MATCH) return true
      if (count === 0) return false
      ;[this.#current, this.#waiting] = [this.#waiting, this.#current]
      before = classes.before(kind)
    }
    return this.#follow(this.#current.list, this.#current.count, before, classes.end) === MATCH
  }

  /** Takes one character: fills `waiting` with the steps after it and returns their number, or tells of a match. */
  #follow(from: ArrayLike<number>, length: number, before: Before, kind: number): number {
    const { steps, start } = this.#program
    const atEnd = kind === this.#classes.end
    const word = this.#classes.before(kind) === 'word'
    const reached = this.#reached
    const waiting = this.#waiting
    reached.clear()
    waiting.clear()
    for (let at = 0; at < length; at++) reached.add(from[at] as number)
    for (let at = 0; at < reached.count; at++) {
      const index = reached.list[at] as number
      const step = steps[index] as Step
      if (step.kind === 'set') {
        if (this.#takes[index]?.[kind] === 1) waiting.add(step.next)
      } else if (step.kind === 'split') for (const way of step.next) reached.add(way)
      else if (step.kind === 'match') return MATCH
      else if (holds(step.what, before, atEnd, word)) reached.add(step.next)
    }
    if (!this.#anchored) waiting.add(start)
    return waiting.count
  }

  #state(steps: readonly number[], before: Before): State {
    const key = `${before}:${steps.join()}`
    let state = this.#states.get(key)
    if (state === undefined) {
      this.#room -= this.#classes.end + 1 + steps.length
      state = { steps, before, next: [] }
      this.#states.set(key, state)
    }
    return state
  }
}

function pointAt(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  return unit >= 0xd800 && unit < 0xdc00 ? (text.codePointAt(at) as number) : unit
}

/** A set of steps that is emptied at no cost. */
class Steps {
  readonly list: Int32Array
  readonly #seen: Uint32Array
  #round = 1
  count = 0

  constructor(size: number) {
    this.list = new Int32Array(size)
    this.#seen = new Uint32Array(size)
  }

  clear(): void {
    this.count = 0
    if (++this.#round > 0xffffffff) {
      this.#seen.fill(0)
      this.#round = 1
    }
  }

  add(step: number): void {
    if (this.#seen[step] === this.#round) return
    this.#seen[step] = this.#round
    this.list[this.count++] = step
  }

  set(steps: readonly number[]): void {
    this.clear()
    for (const step of steps) this.add(step)
  }
}

const MATCHED: State = { steps: [-1], before: 'other', next: [] }

function holds(what: string, before: Before, atEnd: boolean, word: boolean): boolean {
  if (what === 'start') return before === 'start'
  if (what === 'end') return atEnd
  return ((before === 'word') !== word) === (what === 'boundary')
}

/** Whether it can match at the beginning of the text only. */
const begins = (node: Node): boolean =>
  (node.kind === 'assert' && node.what === 'start') ||
  (node.kind === 'sequence' && node.items[0] !== undefined && begins(node.items[0])) ||
  (node.kind === 'choice' && node.items.every(begins))

/** Characters that no step tells apart are of one class. */
class Classes {
  readonly #starts: readonly number[]
  readonly #ascii: Uint16Array
  readonly #words: Uint8Array
  /** The class of what comes after the last character. */
  readonly end: number

  constructor(steps: readonly Step[]) {
    const starts = new Set([0])
    for (const set of [WORD, ...steps.flatMap(step => (step.kind === 'set' ? [step.set] : []))]) {
      for (const [low, high] of set) starts.add(low).add(high + 1)
    }
    this.#starts = [...starts].sort((a, b) => a - b)
    this.end = this.#starts.length
    this.#words = Uint8Array.from(this.#starts, start => (includes(WORD, start) ? 1 : 0))
    this.#ascii = Uint16Array.from({ length: 128 }, (_, point) => this.#find(point))
  }

  of(point: number): number {
    return point < 128 ? (this.#ascii[point] as number) : this.#find(point)
  }

  #find(point: number): number {
    const starts = this.#starts
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] as number) <= point) low = middle
      else high = middle - 1
    }
    return low
  }

  members({ set }: { readonly set: CharSet }): Uint8Array {
    const classes = new Uint8Array(this.end)
    for (const [low, high] of set) classes.fill(1, this.of(low), this.of(high) + 1)
    return classes
  }

  /** What a character of this class is to what stands after it. */
  before(kind: number): Before {
    return this.#words[kind] === 1 ? 'word' : 'other'
  }
}
