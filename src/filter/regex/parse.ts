import { type CharSet, charSet, complement, DIGIT, EVERYTHING, folded, LAST, LINE_END, SPACE, WORD } from './set.ts'

/** What is left of a pattern's syntax when only whether it matches is asked for: groups are gone. */
export type Node =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'assert'; readonly what: Assertion }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'choice'; readonly items: readonly Node[] }
  | { readonly kind: 'repeat'; readonly item: Node; readonly min: number; readonly max: number }

export type Assertion = 'start' | 'end' | 'boundary' | 'inside'

export class PatternError extends Error {
  /** Where in the pattern. */
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

/** Groups within groups: more than anybody writes, and few enough for the stack. */
const DEEPEST = 100
const MOST_REPEATS = 1000

/** Parses a pattern as JavaScript writes them, without what takes backtracking: lookaround and backreferences. */
export function parsePattern(pattern: string, insensitive: boolean): Node {
  return new PatternParser(pattern, insensitive).parse()
}

class PatternParser {
  readonly #text: string
  #at = 0
  #depth = 0
  #fold: boolean
  #dotAll = false

  constructor(text: string, insensitive: boolean) {
    this.#text = text
    this.#fold = insensitive
  }

  parse(): Node {
    const flags = /^\(\?([a-z]+)\)/.exec(this.#text)
    if (flags !== null) {
      for (const flag of flags[1] as string) {
        if (flag === 'i') this.#fold = true
        else if (flag === 's') this.#dotAll = true
        else this.#fail(`there is no flag ${flag}; i ignores case, s lets . match line ends`)
      }
      this.#at = flags[0].length
    }
    const node = this.#choice()
    if (this.#at < this.#text.length) this.#fail('no group is open here')
    return node
  }

  #choice(): Node {
    const items = [this.#sequence()]
    while (this.#take('|')) items.push(this.#sequence())
    return items.length === 1 ? (items[0] as Node) : { kind: 'choice', items }
  }

  #sequence(): Node {
    const items: Node[] = []
    while (this.#at < this.#text.length && this.#text[this.#at] !== '|' && this.#text[this.#at] !== ')') {
      items.push(this.#repeated())
    }
    return items.length === 1 ? (items[0] as Node) : { kind: 'sequence', items }
  }

  #repeated(): Node {
    const start = this.#at
    const item = this.#atom()
    const count = this.#count()
    if (count === undefined) return item
    if (item.kind === 'assert' && this.#text[start] !== '(') throw new PatternError('there is nothing to repeat', start)
    // Whether as many or as few as possible are taken makes no difference to whether there is a match.
    this.#take('?')
    if (/^(?:[*+?]|\{\d+(?:,\d*)?\})/.test(this.#text.slice(this.#at, this.#at + 12))) {
      this.#fail('a repetition is not repeated without a group')
    }
    return { kind: 'repeat', item, ...count }
  }

  #count(): { readonly min: number; readonly max: number } | undefined {
    if (this.#take('*')) return { min: 0, max: Number.POSITIVE_INFINITY }
    if (this.#take('+')) return { min: 1, max: Number.POSITIVE_INFINITY }
    if (this.#take('?')) return { min: 0, max: 1 }
    const braces = /^\{(\d+)(,(\d*))?\}/.exec(this.#text.slice(this.#at, this.#at + 64))
    if (braces === null) return undefined
    const [whole, low, comma, high] = braces
    const min = Number(low)
    const max = comma === undefined ? min : high === '' ? Number.POSITIVE_INFINITY : Number(high)
    if (max < min) this.#fail('the counts are in the wrong order')
    if (min > MOST_REPEATS || (Number.isFinite(max) && max > MOST_REPEATS)) {
      this.#fail(`counts go up to ${MOST_REPEATS}`)
    }
    this.#at += whole.length
    return { min, max }
  }

  #atom(): Node {
    const start = this.#at
    if (this.#take('(')) return this.#group(start)
    if (this.#take('[')) return this.#set(this.#class(start))
    if (this.#take('.')) return this.#set(this.#dotAll ? EVERYTHING : complement(LINE_END))
    if (this.#take('^')) return { kind: 'assert', what: 'start' }
    if (this.#take('$')) return { kind: 'assert', what: 'end' }
    if (this.#take('\\b')) return { kind: 'assert', what: 'boundary' }
    if (this.#take('\\B')) return { kind: 'assert', what: 'inside' }
    if (/[*+?]/.test(this.#text[start] as string)) this.#fail('there is nothing to repeat')
    const point = this.#point()
    return this.#set(typeof point === 'number' ? this.#cased([[point, point]]) : point)
  }

  #group(start: number): Node {
    if (this.#take('?')) {
      const opening = /^(?::|<[A-Za-z_]\w*>)/.exec(this.#text.slice(this.#at, this.#at + 64))
      if (opening === null) {
        throw new PatternError('lookaround and other special groups would need backtracking, which has no bound', start)
      }
      this.#at += opening[0].length
    }
    if (++this.#depth > DEEPEST) throw new PatternError(`groups are nested at most ${DEEPEST} deep`, start)
    const node = this.#choice()
    this.#depth--
    if (!this.#take(')')) throw new PatternError('this group is not closed', start)
    return node
  }

  #class(start: number): CharSet {
    const negated = this.#take('^')
    const ranges: (readonly [number, number])[] = []
    for (;;) {
      if (this.#at >= this.#text.length) throw new PatternError('this set is not closed', start)
      if (this.#take(']')) break
      const from = this.#at
      const low = this.#point()
      if (this.#text[this.#at] !== '-' || this.#text[this.#at + 1] === ']') {
        ranges.push(...(typeof low === 'number' ? [[low, low] as const] : low))
        continue
      }
      this.#at++
      const high = this.#point()
      if (typeof low !== 'number' || typeof high !== 'number' || high < low) {
        throw new PatternError('this range has no beginning and end', from)
      }
      ranges.push([low, high])
    }
    const set = this.#cased(charSet(ranges))
    return negated ? complement(set) : set
  }

  /** One character, or the set that an escape stands for. */
  #point(): number | CharSet {
    const start = this.#at
    const point = this.#text.codePointAt(start)
    if (point === undefined) this.#fail('the pattern ends too soon')
    this.#at += point > 0xffff ? 2 : 1
    if (point !== BACKSLASH) return point
    const letter = this.#text[this.#at]
    if (letter === undefined) throw new PatternError('nothing follows the backslash', start)
    this.#at++
    const set = SETS[letter]
    if (set !== undefined) return set
    const control = CONTROLS[letter]
    if (control !== undefined) return control
    if (letter === 'x' || letter === 'u') return this.#hexadecimal(letter, start)
    if (/[1-9]/.test(letter))
      throw new PatternError('backreferences would need backtracking, which has no bound', start)
    if (/[A-Za-z]/.test(letter)) throw new PatternError(`\\${letter} means nothing here`, start)
    this.#at = start + 1
    const escaped = this.#text.codePointAt(this.#at) as number
    this.#at += escaped > 0xffff ? 2 : 1
    return escaped
  }

  #hexadecimal(letter: 'x' | 'u', start: number): number {
    const digits = (letter === 'x' ? /^([\da-f]{2})/i : /^(?:([\da-f]{4})|\{([\da-f]{1,6})\})/i).exec(
      this.#text.slice(this.#at, this.#at + 8),
    )
    const point = Number.parseInt(digits?.[1] ?? digits?.[2] ?? '', 16)
    if (digits === null || !(point <= LAST)) throw new PatternError(`\\${letter} takes hexadecimal digits`, start)
    this.#at += digits[0].length
    return point
  }

  #set(set: CharSet): Node {
    return { kind: 'set', set }
  }

  #cased(set: CharSet): CharSet {
    return this.#fold ? folded(set) : set
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #fail(message: string): never {
    throw new PatternError(message, this.#at)
  }
}

const BACKSLASH = 0x5c
const SETS: Readonly<Record<string, CharSet>> = {
  d: DIGIT,
  D: complement(DIGIT),
  w: WORD,
  W: complement(WORD),
  s: SPACE,
  S: complement(SPACE),
}
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 }
