/**
 * What traffic must not do to the terminal that shows it: controls (C0, DEL, C1) start escape sequences, bidirectional
 * overrides reorder what is read, line separators forge rows, lone surrogates are no text.
 */
const HARMFUL = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
const EACH = new RegExp(HARMFUL.source, 'gu')
const EACH_OR_BACKSLASH = new RegExp(`\\\\|${HARMFUL.source}`, 'gu')

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' }

/** Text that shows as what it is, on one line. */
export function printable(text: string): string {
  if (text.length <= SHORT_TEXT && isPlain(text)) return text
  return HARMFUL.test(text) ? text.replace(EACH, escaped) : text
}

/** Text this short is looked at sooner than a regular expression is set up. */
const SHORT_TEXT = 64

/** Whether it is of visible ASCII alone, as nearly all is. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x20 || code > 0x7e) return false
  }
  return true
}

/** As `printable`, and such that the text can be had back: a backslash is doubled. */
export function reversible(text: string): string {
  return text.includes('\\') || HARMFUL.test(text) ? text.replace(EACH_OR_BACKSLASH, escaped) : text
}

/** JSON as `JSON.stringify` makes it, without the controls that it leaves alone (DEL, C1). */
export function printableJson(json: string): string {
  return UNESCAPED.test(json) ? json.replace(EACH_UNESCAPED, unicode) : json
}

const UNESCAPED = /[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/
const EACH_UNESCAPED = new RegExp(UNESCAPED.source, 'g')

function escaped(character: string): string {
  const short = SHORT[character]
  if (short !== undefined) return short
  const code = character.codePointAt(0) as number
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unicode(character)
}

const unicode = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
