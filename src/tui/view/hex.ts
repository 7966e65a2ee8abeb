import { fittedLine } from '../kit/cells.ts'
import { EMPTY, type Line, type Look, type Span, span } from '../kit/text.ts'
import { bytesPerLine, hexTop, OFFSET } from '../model/hex.ts'
import type { Bytes } from '../model/kind.ts'

export interface HexSetting {
  readonly width: number
  readonly height: number
  readonly active: boolean
  /** The byte that the cursor is on. */
  readonly cursor: number
  /** The bytes of the chosen field, `end` exclusive. */
  readonly range: readonly [number, number]
}

/**
 * The lines of the dump that are seen. The chosen field is in brackets, so that it is seen without colours too:
 *
 *     0000  10 1e 00 04[4d 51 54 54]04 02 00 3c 00 12 73 65   ..·MQTT···<··se
 */
export function hexLines({ bytes, hidden }: Bytes, setting: HexSetting): Line[] {
  const { width, height, cursor } = setting
  if (bytes.length === 0) return [fittedLine({ spans: [span(' no bytes', 'dim')] }, width)]
  const perLine = bytesPerLine(width)
  const lines = Math.ceil(bytes.length / perLine)
  const top = hexTop(cursor, perLine, lines, height)
  const secret = (at: number): boolean => hidden.some(({ start, end }) => at >= start && at < end)
  return Array.from({ length: Math.min(height, lines - top) }, (_, index) =>
    fittedLine(dump(bytes, (top + index) * perLine, perLine, secret, setting), width),
  )
}

function dump(
  bytes: Uint8Array,
  from: number,
  perLine: number,
  secret: (at: number) => boolean,
  { cursor, range: [start, end], active }: HexSetting,
): Line {
  const to = Math.min(bytes.length, from + perLine)
  if (to <= from) return EMPTY
  const digits = new Runs()
  const characters = new Runs()
  for (let at = from; at < from + perLine; at++) {
    const first = at === start || (at === from && at > start && at < end)
    const gap = at === from + (perLine >> 1) ? ' ' : ''
    const between = first && start < end ? '[' : at === end && at > start && at > from ? ']' : ' '
    digits.add(gap, 'plain')
    digits.add(between, between === ' ' ? 'plain' : 'range')
    if (at >= to) {
      digits.add('  ', 'plain')
      continue
    }
    const chosen = at >= start && at < end
    const look: Look = active && at === cursor ? 'cursor' : chosen ? 'range' : 'plain'
    const byte = bytes[at] as number
    const hidden = secret(at)
    digits.add(hidden ? '**' : byte.toString(16).padStart(2, '0'), look)
    characters.add(hidden ? '*' : character(byte), look === 'plain' && !printable(byte) ? 'dim' : look)
  }
  // What ends with the line.
  const last = from + perLine
  const ends = end === last || (start < last && end > last && end > from)
  digits.add(ends ? ']' : ' ', ends ? 'range' : 'plain')
  const offset = from.toString(16).padStart(4, '0').padEnd(OFFSET)
  return { spans: [span(` ${offset.trimEnd()} `, 'dim'), ...digits.spans, span(' '), ...characters.spans] }
}

/** Neighbours that look alike are one span. */
class Runs {
  readonly spans: Span[] = []
  add(text: string, look: Look): void {
    const last = this.spans.at(-1)
    if (last?.look === look) this.spans[this.spans.length - 1] = { text: last.text + text, look }
    else this.spans.push({ text, look })
  }
}

const printable = (byte: number): boolean => byte >= 0x20 && byte < 0x7f
const character = (byte: number): string => (printable(byte) ? String.fromCharCode(byte) : '·')
