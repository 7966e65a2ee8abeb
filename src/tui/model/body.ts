import { hex, validUtf8 } from '../../../codecs/core/index.ts'
import { columns, formatPayload, PLAIN_STYLE, printable } from '../../output/index.ts'
import type { Payload } from '../../payload/index.ts'
import type { Body } from './kind.ts'

/** Of one body, so many lines are shown; copying it takes all. */
const MOST_LINES = 5_000
/** Less than this is no line to read. */
const NARROWEST = 20

/** What a body holds, in lines of at most `width` columns: values with their structure, text in full, else bytes. */
export function bodyLines({ content }: Body, width: number): string[] {
  const room = Math.max(NARROWEST, width)
  if (content.format !== 'text') return formatPayload(content, { ...PLAIN_STYLE, width: room }, MOST_LINES)
  const head = ['text', ...content.encodings].join(' in ')
  const lines = (content.value as string).split(/\r?\n/, MOST_LINES).flatMap(line => broken(printable(line), room))
  return [head, ...lines, ...(content.trouble === undefined ? [] : [`! ${printable(content.trouble)}`])]
}

/** Breaks a line where the pane ends, so that all of it is seen. */
function broken(line: string, width: number): string[] {
  if (columns(line) <= width) return [line]
  const lines: string[] = []
  let part = ''
  let taken = 0
  for (const character of line) {
    const more = columns(character)
    if (taken + more > width) {
      lines.push(part)
      part = ''
      taken = 0
    }
    part += character
    taken += more
  }
  return [...lines, part]
}

/** A body to be put on a clipboard. */
export function bodyText({ bytes, content: { format, value } }: Body): string {
  if (format === 'bytes') return hex(bytes)
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}

/** Bytes of a body that a list shows of it. */
const HEAD = 200
/** Bodies that have to be decoded to be read are, for a list, where they are short. */
const SHORT = 4_096

/** As much of a body as goes on the line of a list. `decode` tells what it holds. */
export function bodyHead(bytes: Uint8Array, decode: () => Payload): string {
  const head = bytes.subarray(0, HEAD)
  const text = validUtf8(head) ?? (head.length < bytes.length ? validUtf8(wholeCharacters(head)) : undefined)
  if (text !== undefined) return printable(text)
  const content = bytes.length <= SHORT ? decode() : undefined
  if (content === undefined || content.format === 'bytes') return hex(head.subarray(0, HEAD / 4))
  return printable(`${content.format} ${JSON.stringify(content.value).slice(0, HEAD)}`)
}

/** Without the character at the end that may have been cut. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && end > bytes.length - 4 && ((bytes[end - 1] as number) & 0xc0) === 0x80) end--
  return bytes.subarray(0, Math.max(0, end - 1))
}
