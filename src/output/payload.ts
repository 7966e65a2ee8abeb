import { stripVTControlCharacters } from 'node:util'
import { Recent } from '../../codecs/core/index.ts'
import type { Payload } from '../payload/index.ts'
import { printable } from './escape.ts'
import { hexLines } from './hex.ts'
import { painted, type Style } from './style.ts'
import { columns, cut } from './width.ts'

/** So many lines of one body; that there are more is said. */
const MOST_LINES = 200
/** As much of one text as helps; JSON has the whole. */
const VALUE_LIMIT = 240
/** As much of one line of text. */
const LINE_LIMIT = 1000
const NAME_LIMIT = 80
/** Columns of a list or object that stands on one line, where rows are never cut. */
const ROOM = 100

/**
 * A body for people, one string a line, without line ends: what it is, then its value, indented where it is more than
 * a line, then what is wrong. Of the value, `most` lines.
 *
 *     json in gzip {"sensor": "t-1", "celsius": 21.5}
 */
export function formatPayload(payload: Payload, style: Style, most = MOST_LINES): string[] {
  const { palette, width } = style
  const room = width === undefined ? undefined : Math.max(width - INDENT.length, 1)
  const lines = new Layout(style, room, most).lines(payload)
  const head = painted(palette.dim, heading(payload))
  const shown = lines.length === 1 ? beside(head, lines[0] as string, width) : undefined
  const text = shown === undefined ? [head, ...lines.slice(0, most).map(line => INDENT + line)] : [shown]
  if (lines.length > most) text.push(painted(palette.dim, `${INDENT}… more lines; JSON has them all`))
  if (payload.trouble !== undefined) text.push(painted(palette.warning, `${INDENT}! ${printable(payload.trouble)}`))
  return text
}

/** Both on one line, if there is room for them. */
function beside(head: string, line: string, width: number | undefined): string | undefined {
  const single = `${head} ${line}`
  return width === undefined || columns(stripVTControlCharacters(single)) <= width ? single : undefined
}

const INDENT = '  '

/** `avro demo.Order, schema 42 in deflate in gzip`: the encoding that was applied last stands last. */
function heading({ format, type, schemaId, encodings }: Payload): string {
  if (type === undefined && schemaId === undefined && encodings.length === 0) return format
  const about = [type, schemaId === undefined ? undefined : `schema ${schemaId}`].filter(part => part !== undefined)
  return printable([about.length > 0 ? `${format} ${about.join(', ')}` : format, ...encodings].join(' in '))
}

class Layout {
  readonly #style: Style
  readonly #width: number | undefined
  readonly #most: number
  readonly #lines: string[] = []
  /** Columns that are left of a line. */
  #left = 0

  constructor(style: Style, width: number | undefined, most: number) {
    this.#style = style
    this.#width = width
    this.#most = most
  }

  lines({ format, value }: Payload): readonly string[] {
    if (format === 'empty') return []
    if (format === 'text') return this.#text(value as string)
    if (format === 'bytes') return hexLines(Buffer.from((value as { base64: string }).base64, 'base64'))
    this.#value('', value, '', 0)
    return this.#lines
  }

  /** Text as it is, line by line. */
  #text(text: string): readonly string[] {
    return text
      .replace(/\r?\n$/, '')
      .split(/\r?\n/, this.#most + 1)
      .map(line => this.#fit(shortened(line, LINE_LIMIT, printable), 0))
  }

  #value(name: string, value: unknown, comma: string, depth: number): void {
    const indent = this.#indent(depth)
    const room = (this.#width ?? ROOM) - columns(indent + name) - comma.length - (name === '' ? 0 : 2)
    const start = indent + this.#name(name)
    if (typeof value !== 'object' || value === null) {
      this.#lines.push(start + this.#fit(scalar(value), columns(indent + name) + 2 + comma.length) + comma)
      return
    }
    const inline = this.#inline(value, room)
    if (inline !== undefined) {
      this.#lines.push(start + inline + comma)
      return
    }
    const [open, close] = Array.isArray(value) ? '[]' : '{}'
    this.#lines.push(start + open)
    if (Array.isArray(value) && value.every(isScalar)) this.#filled(value, depth + 1)
    else this.#entries(value, depth + 1)
    this.#lines.push(indent + close + comma)
  }

  #entries(value: object, depth: number): void {
    const entries = Object.entries(value)
    const longest = Math.min(NAME_LIMIT, (this.#width ?? ROOM) >> 1)
    for (const [index, [key, item]] of entries.entries()) {
      if (this.#lines.length > this.#most) return
      this.#value(Array.isArray(value) ? '' : quoted(key, longest), item, index < entries.length - 1 ? ',' : '', depth)
    }
  }

  /** Items that are neither lists nor objects, as many on a line as fit. */
  #filled(items: readonly unknown[], depth: number): void {
    const indent = this.#indent(depth)
    const room = (this.#width ?? ROOM) - indent.length
    let line = ''
    for (const [index, item] of items.entries()) {
      const text = this.#fit(scalar(item), indent.length + 1) + (index < items.length - 1 ? ',' : '')
      if (line === '') line = text
      else if (columns(line) + 1 + columns(text) <= room) line += ` ${text}`
      else {
        this.#lines.push(indent + line)
        if (this.#lines.length > this.#most) return
        line = text
      }
    }
    this.#lines.push(indent + line)
  }

  /** What is nested deeper than a quarter of the width holds is not indented further. */
  #indent(depth: number): string {
    return INDENT.repeat(this.#width === undefined ? depth : Math.min(depth, this.#width >> 3))
  }

  #name(name: string): string {
    return name === '' ? '' : `${painted(this.#style.palette.bold, name)}: `
  }

  #fit(text: string, taken: number): string {
    return this.#width === undefined ? text : cut(text, Math.max(this.#width - taken, 1))
  }

  /** The value on one line, if it takes no more than `room` columns. No more of it is looked at than fits. */
  #inline(value: object, room: number): string | undefined {
    this.#left = room
    const text = this.#flat(value)
    return this.#left < 0 ? undefined : text
  }

  #flat(value: unknown): string {
    if (typeof value !== 'object' || value === null) return this.#take(scalar(value))
    const list = Array.isArray(value)
    this.#left -= BRACKETS
    let text = ''
    for (const name in value) {
      if (this.#left < 0) return ''
      if (text !== '') {
        this.#left -= COMMA
        text += ', '
      }
      if (!list) {
        const plain = quoted(name, NAME_LIMIT)
        this.#left -= columns(plain) + COMMA
        text += this.#name(plain)
      }
      text += this.#flat((value as Record<string, unknown>)[name])
    }
    return list ? `[${text}]` : `{${text}}`
  }

  #take(text: string): string {
    this.#left -= columns(text)
    return text
  }
}

const BRACKETS = 2
/** With the blank after it; a colon takes as much. */
const COMMA = 2

const isScalar = (value: unknown): boolean => typeof value !== 'object' || value === null

/** Names that were quoted: those of a message's members recur in the next. */
const names = new Recent<string, string>(1000)

function quoted(name: string, limit: number): string {
  let text = names.get(name)
  if (text === undefined) {
    text = cut(printable(JSON.stringify(name.slice(0, NAME_LIMIT + 1))), NAME_LIMIT)
    if (name.length <= NAME_LIMIT) names.set(name, text)
  }
  return limit < NAME_LIMIT ? cut(text, limit) : text
}

function scalar(value: unknown): string {
  if (typeof value !== 'string') return String(value)
  return shortened(value, VALUE_LIMIT, text => printable(JSON.stringify(text)))
}

const shortened = (text: string, limit: number, show: (text: string) => string): string =>
  text.length <= limit ? show(text) : `${show(text.slice(0, limit))}… ${text.length} characters`
