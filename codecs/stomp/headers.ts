import { Reader, utf8 } from '../core/index.ts'
import { type Dialect, undefinedEscape, unescaped } from './dialect.ts'
import { COLON, CR, LF } from './layout.ts'
import { headerName } from './words.ts'

/** One header line, unescaped. */
export interface Header {
  readonly name: string
  readonly value: string
  /** Where its line stands in the octets that it was read from, the end of line included. */
  readonly start?: number
  readonly end?: number
}

/** Header lines as they came, and how they were understood. */
export interface WireHeaders {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** Where the blank line ends that begins at `end`: also `end`, where there is none. */
  readonly stop: number
  readonly dialect: Dialect
}

/**
 * The headers of a frame, all of them, in the order of the wire. Of repeated ones the first counts [STOMP 1.2, Repeated
 * Header Entries]. Taken apart when the first is asked for.
 */
export class Headers {
  static readonly empty: Headers = new Headers([], undefined)

  /** What they, or some of them, were read from. */
  readonly wire: WireHeaders | undefined
  /** Whether they are no longer just what was read. */
  readonly edited: boolean
  #entries: readonly Header[] | undefined

  constructor(entries: readonly Header[] | undefined, wire: WireHeaders | undefined, edited = true) {
    this.#entries = entries
    this.wire = wire
    this.edited = edited
  }

  static of(...entries: readonly (readonly [name: string, value: string])[]): Headers {
    return new Headers(
      entries.map(([name, value]) => ({ name, value })),
      undefined,
    )
  }

  get entries(): readonly Header[] {
    this.#entries ??= parse(this.wire as WireHeaders)
    return this.#entries
  }

  get(name: string): string | undefined {
    const entries = this.entries
    for (let at = 0; at < entries.length; at++) {
      const entry = entries[at] as Header
      if (entry.name === name) return entry.value
    }
    return undefined
  }

  /** The same headers with `name` saying `value`: in its old place, or else at the end. */
  with(name: string, value: string): Headers {
    const at = this.entries.findIndex(entry => entry.name === name)
    const entries = at < 0 ? [...this.entries, { name, value }] : this.entries.with(at, { name, value })
    return new Headers(entries, this.wire)
  }

  /** Those that come after a header of the same name, and so do not count. */
  get repeated(): readonly Pick<Header, 'name' | 'value'>[] | undefined {
    const seen = new Set<string>()
    const repeated: { name: string; value: string }[] = []
    for (const { name, value } of this.#shown()) {
      if (seen.has(name)) repeated.push({ name, value })
      seen.add(name)
    }
    return repeated.length === 0 ? undefined : repeated
  }

  toJSON(): Record<string, string> {
    const first = new Map<string, string>()
    for (const { name, value } of this.#shown()) if (!first.has(name)) first.set(name, value)
    return Object.fromEntries(first)
  }

  #shown(): readonly Header[] {
    if (this.wire?.dialect.hidesPasscode === false) return this.entries
    return this.entries.filter(entry => entry.name !== 'passcode')
  }
}

/** The header lines as far as the section that the reader is in. */
export function readHeaders(reader: Reader, dialect: Dialect, stop: number): Headers {
  const { bytes, position: start, limit: end } = reader
  const wire: WireHeaders = { bytes, start, end, stop, dialect }
  if (reader.deep) return new Headers(readLines(reader, dialect), wire, false)
  reader.position = end
  return new Headers(undefined, wire, false)
}

const later = new Reader()
const parse = ({ bytes, start, end, dialect }: WireHeaders): readonly Header[] =>
  readLines(later.openBytes(bytes, start, end), dialect)

function readLines(reader: Reader, dialect: Dialect): readonly Header[] {
  const entries: Header[] = []
  while (reader.position < reader.limit) entries.push(readLine(reader, dialect))
  return entries
}

const BACKSLASH = 0x5c

function readLine(reader: Reader, dialect: Dialect): Header {
  const { bytes, limit, position: start } = reader
  let colon = -1
  let backslash = false
  let at = start
  for (; at < limit; at++) {
    const byte = bytes[at] as number
    if (byte === LF) break
    if (byte === COLON) colon = colon < 0 ? at : colon
    else if (byte === BACKSLASH) backslash = true
  }
  const end = Math.min(at + 1, limit)
  const lineEnd = at > start && at < limit && bytes[at - 1] === CR ? at - 1 : at
  const nameEnd = colon < 0 ? lineEnd : colon

  let name = headerName(bytes, start, nameEnd)
  let value = colon < 0 ? '' : utf8(bytes, colon + 1, lineEnd)
  if (backslash && dialect.escapes !== undefined) {
    name = unescaped(name, dialect.escapes)
    value = unescaped(value, dialect.escapes)
  }
  if (dialect.trims) {
    name = trim(name)
    value = trim(value)
  }
  if (reader.deep) nameParts(reader, dialect, name, value, nameEnd, colon, lineEnd, end)
  reader.position = end
  return { name, value, start, end }
}

const trim = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '')

/** Names the octets of one line, and says what is wrong with them. */
function nameParts(
  reader: Reader,
  dialect: Dialect,
  name: string,
  value: string,
  nameEnd: number,
  colon: number,
  lineEnd: number,
  end: number,
): void {
  const start = reader.position
  const base = start - reader.offset
  const secret = dialect.hidesPasscode && name === 'passcode'
  const flag = (severity: 'error' | 'warning' | 'note', code: string, message: string, section: string): void =>
    reader.flag(severity, code, message, `${dialect.spec}, ${section}`, start - base, end - base)

  reader.begin(name)
  reader.position = nameEnd
  reader.field('name', start, name)
  if (!reader.isUtf8(name)) flag('warning', 'not-utf8', 'a header name that is not UTF-8', 'Value Encoding')
  if (colon >= 0) {
    reader.position = colon + 1
    reader.field('colon', colon, ':')
    reader.position = lineEnd
    reader.field('value', colon + 1, value)
    if (secret) reader.secret()
    if (!reader.isUtf8(value)) flag('warning', 'not-utf8', 'a header value that is not UTF-8', 'Value Encoding')
  }
  if (end > lineEnd) {
    reader.position = end
    reader.field('eol', lineEnd, end - lineEnd === 2 ? '\r\n' : '\n')
  }
  reader.done(secret ? undefined : value)

  if (colon < 0) flag('error', 'header-without-colon', 'a header line without a colon', 'Augmented BNF')
  else if (nameEnd === start) flag('error', 'header-without-name', 'a header line without a name', 'Augmented BNF')
  if (dialect.crlf && reader.bytes.subarray(start, lineEnd).includes(CR)) {
    flag('warning', 'bare-carriage-return', 'a carriage return that is not escaped', 'Augmented BNF')
  }
  if (dialect.escapes === undefined || colon < 0) return
  const wrong = undefinedEscape(utf8(reader.bytes, start, lineEnd), dialect.escapes)
  if (wrong !== undefined) {
    flag('error', 'undefined-escape', `${JSON.stringify(wrong)} is no escape sequence`, 'Value Encoding')
  }
  if (reader.bytes.subarray(colon + 1, lineEnd).includes(COLON)) {
    flag('note', 'unescaped-colon', 'a colon that is not escaped', 'Value Encoding')
  }
}
