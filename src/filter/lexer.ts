import { FilterError } from './error.ts'

export type Token = {
  readonly start: number
  readonly end: number
} & (
  | { readonly kind: 'word'; readonly text: string }
  /** `stray`: where an escape stands that means something in a regular expression only. */
  | { readonly kind: 'text'; readonly text: string; readonly stray: number | undefined }
  | { readonly kind: 'sign'; readonly text: Sign }
  | { readonly kind: 'end'; readonly text: '' }
)

const SIGNS = [
  ...['==i', '!=i', '~i', '&&', '||', '==', '!=', '<=', '>=', '..'],
  ...['!', '<', '>', '~', '(', ')', '{', '}', '[', ']', ','],
] as const
export type Sign = (typeof SIGNS)[number]

/** A word is whatever no sign, blank or quote ends; two dots end it too. */
const WORD = /(?:(?!\.\.)[^\s"'(){}[\],=!<>&|~])+/y
const BLANK = /\s*/y

/** Longer than anybody writes: what takes more is not read. */
const LONGEST = 1 << 16

/** Cuts a filter into tokens; the last is `end`. `lenient` takes what cannot be read as the end. */
export function tokens(text: string, lenient = false): Token[] {
  if (text.length > LONGEST) {
    throw new FilterError(`a filter has at most ${LONGEST} characters`, text, { start: LONGEST, end: text.length })
  }
  const found: Token[] = []
  let at = 0
  for (;;) {
    BLANK.lastIndex = at
    at += (BLANK.exec(text) as RegExpExecArray)[0].length
    if (at === text.length) break
    try {
      const token = tokenAt(text, at)
      found.push(token)
      at = token.end
    } catch (error) {
      if (!lenient || !(error instanceof FilterError)) throw error
      break
    }
  }
  found.push({ kind: 'end', text: '', start: at, end: at })
  return found
}

function tokenAt(text: string, start: number): Token {
  const first = text[start] as string
  if (first === '"' || first === "'") return quoted(text, start, start)
  if (first === 'r' && (text[start + 1] === '"' || text[start + 1] === "'")) return quoted(text, start, start + 1)
  const sign = SIGNS.find(each => text.startsWith(each, start))
  if (sign !== undefined) return signAt(text, start, sign)
  WORD.lastIndex = start
  const word = WORD.exec(text)
  if (word !== null) return { kind: 'word', text: word[0], start, end: start + word[0].length }
  const next = HINTS[first]
  throw new FilterError(`${first} means nothing here`, text, { start, end: start + 1 }, next)
}

const HINTS: Readonly<Record<string, string>> = {
  '=': 'Write == to compare.',
  '&': 'Write && or and.',
  '|': 'Write || or or.',
}

/** `==i` is a sign only where the `i` is not the beginning of a word. */
function signAt(text: string, start: number, sign: Sign): Token {
  const end = start + sign.length
  WORD.lastIndex = end
  if (sign.length > 1 && sign.endsWith('i') && WORD.test(text)) {
    return { kind: 'sign', text: sign.slice(0, -1) as Sign, start, end: end - 1 }
  }
  return { kind: 'sign', text: sign, start, end }
}

const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|u\{([\da-fA-F]{1,6})\}|(.))/suy
const ESCAPES: Readonly<Record<string, string>> = {
  ...{ n: '\n', r: '\r', t: '\t', 0: '\0' },
  ...{ '\\': '\\', '"': '"', "'": "'" },
}

/** In `r"…"` a backslash is a backslash. */
function quoted(text: string, start: number, opening: number): Token {
  const quote = text[opening]
  const raw = opening > start
  let value = ''
  let stray: number | undefined
  for (let at = opening + 1; at < text.length; ) {
    const character = text[at] as string
    if (character === quote) return { kind: 'text', text: value, stray, start, end: at + 1 }
    ESCAPE.lastIndex = at
    const found = raw || character !== '\\' ? null : ESCAPE.exec(text)
    if (found === null) {
      value += character
      at++
      continue
    }
    const [whole, byte, unit, braced, letter = ''] = found
    const digits = byte ?? unit ?? braced
    const point = digits === undefined ? undefined : Number.parseInt(digits, 16)
    if (point !== undefined && point <= 0x10ffff) value += String.fromCodePoint(point)
    else if (Object.hasOwn(ESCAPES, letter)) value += ESCAPES[letter]
    else {
      stray ??= at
      value += whole
    }
    at += whole.length
  }
  throw new FilterError('this text is not closed', text, { start, end: text.length }, `Add a ${quote} at its end.`)
}

/** Text in quotes, so that it reads as the same text. */
export function quote(text: string): string {
  const escaped = text.replace(/["\\]|[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, character => {
    if (character === '"' || character === '\\') return `\\${character}`
    return `\\u{${(character.codePointAt(0) as number).toString(16)}}`
  })
  return `"${escaped}"`
}
