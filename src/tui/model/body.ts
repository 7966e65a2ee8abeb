import { hex, validUtf8 } from '../../../codecs/core/index.ts'
import { printable } from '../../output/index.ts'
import type { Body } from './kind.ts'

/** More of one body is not shown. */
const MOST = 256 << 10
/** Bytes of a body that is no text, on one line. */
const PER_LINE = 16

/** A body as it is read best: JSON with its structure, text as it is, anything else as bytes. No line is cut. */
export function bodyLines({ bytes }: Body, most = MOST): string[] {
  const head = bytes.length > most ? bytes.subarray(0, most) : bytes
  const text = validUtf8(head)
  const lines = text === undefined ? dumped(head) : (structured(text) ?? text.split('\n').map(printable))
  if (head.length < bytes.length) lines.push(`… ${bytes.length - head.length} bytes more`)
  return lines
}

/** Undefined for what is no JSON. */
function structured(text: string): string[] | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.stringify(JSON.parse(text), null, 2).split('\n').map(printable)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function dumped(bytes: Uint8Array): string[] {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += PER_LINE) {
    const part = bytes.subarray(at, at + PER_LINE)
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex(part).replace(/..(?=.)/g, '$& ')}`)
  }
  return lines
}

/** Bytes of a body that a list shows of it. */
const HEAD = 200

/** As much of a body as goes on the line of a list. */
export function bodyHead(bytes: Uint8Array): string {
  const head = bytes.subarray(0, HEAD)
  const text = validUtf8(head) ?? (head.length < bytes.length ? validUtf8(wholeCharacters(head)) : undefined)
  return text === undefined ? hex(head.subarray(0, HEAD / 4)) : printable(text)
}

/** Without the character at the end that may have been cut. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && end > bytes.length - 4 && ((bytes[end - 1] as number) & 0xc0) === 0x80) end--
  return bytes.subarray(0, Math.max(0, end - 1))
}
