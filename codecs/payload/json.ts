import { type PayloadFormat, Unreadable } from './format.ts'
import { jsonFault } from './json-fault.ts'
import { textOf } from './text.ts'

/** JSON [RFC 8259]. Integers that a double does not hold stay the digits that were sent. */
export const json: PayloadFormat = {
  id: 'json',
  name: 'JSON',
  contentTypes: ['application/json', '+json', 'text/json', 'text/x-json', 'application/x-json'],
  // A number, a string or `true` alone is text as much as it is JSON.
  looks: bytes => (OPENERS.has(bytes[firstOf(bytes)] as number) ? 0.5 : 0),
  decode: (bytes, parameters) => {
    const text = textOf(bytes, parameters)
    try {
      const value: unknown = JSON.parse(text)
      return { value: holdsLongNumber(text) ? exact(text, value) : value }
    } catch {
      const { expected, at } = jsonFault(text)
      throw new Unreadable(`${expected} expected at character ${at}`)
    }
  },
}

const OPENERS = new Set([0x5b, 0x7b])
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d])

/** Where the first byte stands that is neither space nor a byte order mark. */
function firstOf(bytes: Uint8Array): number {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  while (at < bytes.length && SPACES.has(bytes[at] as number)) at++
  return at
}

/** Digits of the shortest integer that a double may not hold. */
const LONG = 16

/** Whether so many digits follow each other. One of every so many characters is enough to look at, mostly. */
function holdsLongNumber(text: string): boolean {
  for (let at = LONG - 1; at < text.length; at += LONG) {
    if (!isDigit(text, at)) continue
    let first = at
    while (isDigit(text, first - 1)) first--
    while (isDigit(text, at + 1)) at++
    if (at - first + 1 >= LONG) return true
  }
  return false
}

const isDigit = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at)
  return code >= 0x30 && code <= 0x39
}

const INTEGER = /^-?\d+$/

/** The value once more, with integers as text where a number would not be the one that was sent. */
function exact(text: string, value: unknown): unknown {
  type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown
  const keep: Reviver = (_, value, { source }) =>
    typeof value === 'number' && source !== undefined && !Number.isSafeInteger(value) && INTEGER.test(source)
      ? source
      : value
  try {
    return JSON.parse(text, keep as (key: string, value: unknown) => unknown)
  } catch {
    // A reviver takes stack for what is nested, ten thousand deep; nobody is shown so much of it.
    return value
  }
}
