import { hex } from '../../codecs/core/index.ts'

const ROW = 16
/** So many rows of one body. */
const MOST_ROWS = 32

/** `0000  41 4d 51 50 00 00 09 01                          AMQP....` */
export function hexLines(bytes: Uint8Array): string[] {
  const lines: string[] = []
  for (let at = 0; at < bytes.length && lines.length < MOST_ROWS; at += ROW) {
    const row = bytes.subarray(at, at + ROW)
    const digits = Array.from(row, (_, index) => hex(row, index, index + 1)).join(' ')
    const characters = Array.from(row, byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(4, '0')}  ${digits.padEnd(ROW * 3)} ${characters}`)
  }
  const left = bytes.length - MOST_ROWS * ROW
  return left > 0 ? [...lines, `… ${left} more bytes`] : lines
}
