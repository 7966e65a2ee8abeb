/** What was expected where text stops being JSON; `at` counts UTF-16 units from 0. */
export interface JsonFault {
  readonly expected: string
  readonly at: number
}

const SPACE = /[ \t\n\r]*/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON's strings do not hold them [RFC 8259 §7]
const STRING = /"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"/y
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/** Finds what is wrong with text that is not JSON: V8 says that for some faults only. Linear, without recursion. */
export function jsonFault(text: string): JsonFault {
  /** The brackets that are open, their closing ones. */
  const open: string[] = []
  let at = 0

  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    if (!pattern.test(text)) return false
    at = pattern.lastIndex
    return true
  }
  const take = (character: string): boolean => {
    skip(SPACE)
    if (text[at] !== character) return false
    at++
    return true
  }
  /** The name of an object's member and its colon. */
  const name = (): string | undefined => {
    skip(SPACE)
    if (!skip(STRING)) return text[at] === '"' ? WHOLE_STRING : 'a name in double quotes'
    return take(':') ? undefined : '":"'
  }

  for (;;) {
    // A value, or the beginning of one.
    skip(SPACE)
    if (take('{')) {
      open.push('}')
      if (!take('}')) {
        const missing = name()
        if (missing !== undefined) return { expected: missing, at }
        continue
      }
      open.pop()
    } else if (take('[')) {
      open.push(']')
      if (!take(']')) continue
      open.pop()
    } else if (!skip(STRING) && !skip(SCALAR)) return { expected: text[at] === '"' ? WHOLE_STRING : 'a value', at }
    // What may follow a value.
    for (;;) {
      const closer = open.at(-1)
      if (closer === undefined) {
        skip(SPACE)
        return { expected: 'the end', at }
      }
      if (take(closer)) {
        open.pop()
        continue
      }
      if (!take(',')) return { expected: `"," or "${closer}"`, at }
      if (closer === '}') {
        const missing = name()
        if (missing !== undefined) return { expected: missing, at }
      }
      break
    }
  }
}

const WHOLE_STRING = 'a whole string'
