import { utf8, validUtf8 } from '../core/index.ts'
import { type Parameters, type PayloadFormat, Unreadable } from './format.ts'

/** Text in the charset that a content type names, without a byte order mark; UTF-8 where it names none. */
export function textOf(bytes: Uint8Array, { charset = 'utf-8' }: Parameters): string {
  if (charset !== 'utf-8' && !UTF8.test(charset)) {
    const decoder = decoderFor(charset)
    try {
      return decoder.decode(bytes)
    } catch {
      throw new Unreadable(`not ${decoder.encoding.toUpperCase()} text`)
    }
  }
  const text = validUtf8(bytes)
  if (text === undefined) throw new Unreadable('not UTF-8 text', firstInvalid(bytes))
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

const UTF8 = /^utf-?8$/i

function decoderFor(charset: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset, { fatal: true })
  } catch {
    throw new Unreadable(`charset "${charset}" is not known`)
  }
}

/** Where UTF-8 stops being valid. What precedes the first U+FFFD that the bytes do not hold themselves is valid. */
function firstInvalid(bytes: Uint8Array): number {
  let [valid, end] = [0, bytes.length]
  // Whether a prefix decodes, but for a last character that is cut, is monotonic.
  while (valid < end) {
    const middle = (valid + end + 1) >> 1
    if (decodes(bytes.subarray(0, middle))) valid = middle
    else end = middle - 1
  }
  return valid
}

function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

/** Controls that no text holds; TAB, LF, FF, CR, BEL, BS, VT and ESC it may. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what text does not hold
const BINARY = /[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]/

export const holdsControls = (text: string): boolean => BINARY.test(text)

/** The text that bytes are, if they are UTF-8 and hold no characters that only binary data has. */
export function plainText(bytes: Uint8Array): string | undefined {
  // Most of what is binary says so early.
  if (holdsControls(utf8(bytes, 0, Math.min(bytes.length, 64)))) return undefined
  const text = validUtf8(bytes)
  return text === undefined || holdsControls(text) ? undefined : text
}

/** The head of longer bytes, without the character that the cut went through. */
export function wholeCharacters(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= 4 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] as number
    if (byte < 0x80) return bytes
    if (byte < 0xc0) continue
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
    return back < length ? bytes.subarray(0, bytes.length - back) : bytes
  }
  return bytes
}

export const text: PayloadFormat = {
  id: 'text',
  name: 'Text',
  contentTypes: [
    'text/',
    '+xml',
    'application/xml',
    'application/javascript',
    'application/x-www-form-urlencoded',
    'application/yaml',
    'application/toml',
    'application/graphql',
    'application/sql',
  ],
  // Any that is valid is text; what is more than text has a look of its own.
  decode: (bytes, parameters) => ({ value: textOf(bytes, parameters) }),
}
