/** A set of code points: ranges, sorted, apart from each other, both ends included. */
export type CharSet = readonly (readonly [low: number, high: number])[]

export const LAST = 0x10ffff

export function charSet(ranges: Iterable<readonly [number, number]>): CharSet {
  const set: [number, number][] = []
  for (const [low, high] of [...ranges].sort(([a], [b]) => a - b)) {
    const before = set.at(-1)
    if (before !== undefined && low <= before[1] + 1) before[1] = Math.max(before[1], high)
    else set.push([low, high])
  }
  return set
}

export function complement(set: CharSet): CharSet {
  const rest: [number, number][] = []
  let from = 0
  for (const [low, high] of set) {
    if (low > from) rest.push([from, low - 1])
    from = high + 1
  }
  if (from <= LAST) rest.push([from, LAST])
  return rest
}

export const includes = (set: CharSet, point: number): boolean =>
  set.some(([low, high]) => low <= point && point <= high)

const point = (text: string): number => text.codePointAt(0) as number
const range = (low: string, high: string): readonly [number, number] => [point(low), point(high)]
const one = (text: string): readonly [number, number] => range(text, text)

export const DIGIT = charSet([range('0', '9')])
export const WORD = charSet([range('0', '9'), range('A', 'Z'), one('_'), range('a', 'z')])
/** ECMA-262, WhiteSpace and LineTerminator. */
export const SPACE = charSet([
  range('\t', '\r'),
  ...[' ', '\u00a0', '\u1680', '\u2028', '\u2029', '\u202f', '\u205f', '\u3000', '\ufeff'].map(one),
  range('\u2000', '\u200a'),
])
export const LINE_END = charSet([one('\n'), one('\r'), range('\u2028', '\u2029')])
export const EVERYTHING: CharSet = [[0, LAST]]

/** The set with what differs from its members in case only. */
export function folded(set: CharSet): CharSet {
  const more: (readonly [number, number])[] = [...set]
  for (const family of families()) {
    if (family.some(member => includes(set, member))) for (const member of family) more.push([member, member])
  }
  return charSet(more)
}

let made: readonly (readonly number[])[] | undefined

/** Code points that differ in case only, where each has one code point for its other case. */
function families(): readonly (readonly number[])[] {
  if (made !== undefined) return made
  const byKey = new Map<string, number[]>()
  for (let at = 0; at <= LAST_CASED; at++) {
    const text = String.fromCodePoint(at)
    const upper = text.toUpperCase()
    const key = upper.toLowerCase()
    if ((text === upper && text === key) || [...upper].length > 1 || [...key].length > 1) continue
    const family = byKey.get(key)
    if (family === undefined) byKey.set(key, [at])
    else family.push(at)
  }
  made = [...byKey.values()].filter(family => family.length > 1)
  return made
}

/** Adlam has the last letters of two cases. */
const LAST_CASED = 0x1e943
