import { FilterError, type Span } from './error.ts'
import { type Sign, type Token, tokens } from './lexer.ts'
import {
  type Comparison,
  type Expression,
  FUNCTIONS,
  type FunctionName,
  type Literal,
  type Operand,
  type Operator,
  type Path,
  type Range,
} from './syntax.ts'

/** Operators as they may be written: ours, and Wireshark's in letters. */
export const SPELLINGS: Readonly<Record<string, readonly [Operator, insensitive?: true]>> = {
  '==': ['=='],
  '==i': ['==', true],
  '!=': ['!='],
  '!=i': ['!=', true],
  '<': ['<'],
  '<=': ['<='],
  '>': ['>'],
  '>=': ['>='],
  '~': ['~'],
  '~i': ['~', true],
  contains: ['contains'],
  icontains: ['contains', true],
  matches: ['matches'],
  imatches: ['matches', true],
  eq: ['=='],
  ne: ['!='],
  lt: ['<'],
  le: ['<='],
  gt: ['>'],
  ge: ['>='],
}

/** Words that are no values unless in quotes. */
const RESERVED = new Set(['and', 'or', 'not', 'in'])

/** Parentheses in parentheses: more than anybody writes, and few enough for the stack. */
const DEEPEST = 200

/** Parses a filter: `or` binds less than `and`, `and` less than `not`. */
export const parse = (text: string): Expression => new Parser(text).parse()

class Parser {
  readonly #text: string
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = tokens(text)
  }

  parse(): Expression {
    const expression = this.#or()
    if (this.#next.kind !== 'end') this.#fail(`${this.#shown} is not expected here`, 'Join conditions with && or ||.')
    return expression
  }

  #or(): Expression {
    return this.#joined('or', '||', () => this.#joined('and', '&&', () => this.#not()))
  }

  #joined(kind: 'or' | 'and', sign: Sign, item: () => Expression): Expression {
    const items = [item()]
    while (this.#take(sign) || this.#takeWord(kind)) items.push(item())
    return items.length === 1 ? (items[0] as Expression) : { kind, items }
  }

  #not(): Expression {
    if (this.#take('!') || this.#takeWord('not')) return { kind: 'not', item: this.#deeper(() => this.#not()) }
    if (this.#take('(')) {
      const inner = this.#deeper(() => this.#or())
      this.#expect(')')
      return inner
    }
    return this.#condition()
  }

  #condition(): Expression {
    const left = this.#operand()
    const negated = this.#takeWord('not')
    const token = this.#next
    const spelling = Object.hasOwn(SPELLINGS, token.text) && token.kind !== 'text' ? SPELLINGS[token.text] : undefined
    let condition: Expression
    if (spelling !== undefined) {
      this.#at++
      condition = this.#comparison(left, ...spelling)
    } else if (this.#takeWord('in')) condition = { kind: 'in', left, items: this.#items() }
    else if (negated)
      this.#fail('an operator is expected after not', 'Write for example: type not in {publish, puback}')
    else condition = { kind: 'present', operand: left }
    return negated ? { kind: 'not', item: condition } : condition
  }

  #comparison(left: Operand, operator: Operator, insensitive = false): Comparison {
    const token = this.#next
    if (token.kind !== 'word') {
      return { kind: 'compare', operator, insensitive, left, right: this.#literal(operator === 'matches') }
    }
    this.#notReserved(token)
    return { kind: 'compare', operator, insensitive, left, right: this.#operand() }
  }

  /** `{a, b, 1..9}`; Wireshark once had blanks between them. */
  #items(): (Literal | Range)[] {
    this.#expect('{')
    const items: (Literal | Range)[] = []
    do {
      const low = this.#literal()
      items.push(this.#take('..') ? { kind: 'range', low, high: this.#literal() } : low)
      this.#take(',')
    } while (!this.#take('}'))
    return items
  }

  #literal(pattern = false): Literal {
    const token = this.#next
    if (token.kind !== 'word' && token.kind !== 'text') this.#fail(`a value is expected${this.#found}`)
    if (token.kind === 'word') this.#notReserved(token)
    else if (!pattern && token.stray !== undefined) {
      const span = { start: token.stray, end: token.stray + 2 }
      throw new FilterError('there is no such escape', this.#text, span, 'Write \\\\ for a backslash, or r"…".')
    }
    this.#at++
    const { text, start, end } = token
    return { kind: 'literal', text, quoted: token.kind === 'text', start, end }
  }

  #notReserved(token: Token): void {
    if (RESERVED.has(token.text))
      this.#fail(`a value is expected${this.#found}`, `In quotes it is text: "${token.text}"`)
  }

  /** A field's path, or a function of one. */
  #operand(): Operand {
    const token = this.#next
    if (token.kind !== 'word') this.#fail(`a field is expected${this.#found}`)
    if (RESERVED.has(token.text) || Object.hasOwn(SPELLINGS, token.text)) {
      this.#fail(`a field is expected${this.#found}`)
    }
    this.#at++
    const after = this.#next
    if (after.kind === 'sign' && after.text === '(' && after.start === token.end) return this.#call(token)
    return this.#path(token)
  }

  #call(token: Token): Operand {
    const name = FUNCTIONS.find(each => each === token.text)
    if (name === undefined) {
      const next = `There are ${FUNCTIONS.join(', ')}.`
      throw new FilterError(`no function is called ${token.text}`, this.#text, token, next)
    }
    this.#expect('(')
    const operand = this.#deeper(() => this.#operand())
    const { end } = this.#expect(')')
    return { kind: 'call', name: name as FunctionName, operand, start: token.start, end }
  }

  /** Names that no word can be stand in brackets and quotes: `amqp091.arguments["a key"]`; an item's place, too. */
  #path(first: Token): Path {
    const path = first.text.split('.')
    let end = first.end
    while (this.#touches('[', end)) {
      this.#at++
      const token = this.#next
      if (token.kind === 'end' || token.kind === 'sign' || (token.kind === 'word' && !/^\d+$/.test(token.text))) {
        this.#fail('an item has a number, a key has quotes')
      }
      this.#at++
      path.push(token.text)
      end = this.#expect(']').end
      const more = this.#next
      if (more.kind === 'word' && more.start === end && more.text.startsWith('.')) {
        this.#at++
        path.push(...more.text.slice(1).split('.'))
        end = more.end
      }
    }
    const word = end === first.end ? first.text : undefined
    return { kind: 'path', path, word, start: first.start, end }
  }

  #deeper<T extends Expression | Operand>(parse: () => T): T {
    if (++this.#depth > DEEPEST) this.#fail(`conditions are nested at most ${DEEPEST} deep`)
    const inner = parse()
    this.#depth--
    return inner
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token
  }

  #touches(sign: Sign, end: number): boolean {
    const token = this.#next
    return token.kind === 'sign' && token.text === sign && token.start === end
  }

  #take(sign: Sign): boolean {
    const token = this.#next
    if (token.kind !== 'sign' || token.text !== sign) return false
    this.#at++
    return true
  }

  #takeWord(word: string): boolean {
    const token = this.#next
    if (token.kind !== 'word' || token.text !== word) return false
    this.#at++
    return true
  }

  #expect(sign: Sign): Token {
    const token = this.#next
    if (!this.#take(sign)) this.#fail(`${sign} is expected${this.#found}`)
    return token
  }

  get #shown(): string {
    return this.#text.slice(this.#next.start, this.#next.end)
  }

  get #found(): string {
    return this.#next.kind === 'end' ? '' : `, not ${this.#shown}`
  }

  #fail(message: string, next?: string): never {
    const span: Span = this.#next
    throw new FilterError(message, this.#text, span, next)
  }
}
