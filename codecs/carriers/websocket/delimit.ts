import { latin1, type Scan, u16At, u32At } from '../../core/index.ts'
import type { Context } from './dialogue.ts'
import { has, headEnd, header, isRequest, parseHead, status } from './head.ts'
import { FIRST_CONTROL, MOST_CONTROL, opcodes } from './tables.ts'

/** Longer than any head that a server of ours takes. */
const MOST_HEAD = 32 << 10

export function delimit(bytes: Uint8Array, start: number, end: number, context: Context, scan: Scan): number {
  return context.phase === 'http' ? delimitHttp(bytes, start, end, scan) : delimitFrame(bytes, start, end)
}

/** A head, and the body that it announces (RFC 9112 §6.3). `scan.mark` is where the head ends, once that is known. */
function delimitHttp(bytes: Uint8Array, start: number, end: number, scan: Scan): number {
  if (scan.mark === 0) {
    if (!isUpper(bytes[start] as number)) return 0
    const length = headEnd(bytes, start, end, scan.at)
    if (length <= 0) {
      scan.at = -length
      return end - start > MOST_HEAD ? 0 : -1
    }
    const head = parseHead(bytes, start, start + length)
    const announced = Number(header(head, 'content-length') ?? 0)
    if (!has(head, 'transfer-encoding', 'chunked')) {
      const bodiless = isRequest(head) ? false : status(head) < 200 || status(head) === 204 || status(head) === 304
      return length + (bodiless || !Number.isSafeInteger(announced) ? 0 : announced)
    }
    scan.mark = length
    scan.at = length
  }
  return delimitChunks(bytes, start, end, scan)
}

/** The chunks of a body, the last of which is empty (RFC 9112 §7.1). */
function delimitChunks(bytes: Uint8Array, start: number, end: number, scan: Scan): number {
  for (;;) {
    const at = start + scan.at
    const line = bytes.indexOf(0x0a, at)
    if (line < 0 || line >= end) return end - at > 64 ? 0 : -1
    const size = Number.parseInt(latin1(bytes, at, line), 16)
    if (Number.isNaN(size)) return 0
    const next = line + 1 + size + 2 - start
    if (size === 0) return next
    if (start + next > end) return start + next > end ? -(start + next - end) : -1
    scan.at = next
  }
}

/** RFC 6455 §5.2. Control frames that break the rules of §5.5 are still frames; a length of 64 bits is none of theirs. */
function delimitFrame(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 2) return -(2 - (end - start))
  const second = bytes[start + 1] as number
  const opcode = (bytes[start] as number) & 0x0f
  const short = second & 0x7f
  if (opcodes.name(opcode) === undefined || (opcode >= FIRST_CONTROL && short === 127)) return 0
  const header = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (second >= 0x80 ? 4 : 0)
  if (end - start < header) return -(header - (end - start))
  const length = header + payloadLength(bytes, start, short)
  return Number.isSafeInteger(length) ? length : 0
}

function payloadLength(bytes: Uint8Array, start: number, short: number): number {
  if (short < 126) return short
  if (short === 126) return u16At(bytes, start + 2)
  return u32At(bytes, start + 2) * 0x1_0000_0000 + u32At(bytes, start + 6)
}

/**
 * A header that fits its side (clients mask, servers do not: RFC 6455 §5.1), followed by another, or by the end. The
 * first bits of a frame say little, so a lone header is not believed.
 */
export function resync(bytes: Uint8Array, start: number, end: number, context: Context, final: boolean): number {
  if (context.phase === 'http') return ~end
  for (let at = start; at < end; at++) {
    const length = plausible(bytes, at, end, context)
    if (length === 0) continue
    const next = at + length
    if (length > 0 && next < end) {
      const second = plausible(bytes, next, end, context)
      if (second === 0) continue
      if (second > 0 && (next + second < end ? plausible(bytes, next + second, end, context) !== 0 : final)) return at
    }
    if (!final) return ~at
  }
  return ~end
}

function plausible(bytes: Uint8Array, at: number, end: number, context: Context & { phase: 'frames' }): number {
  const first = bytes[at] as number
  if ((first & 0x30) !== 0 || ((first & 0x40) !== 0 && context.deflate === undefined)) return 0
  if (at + 1 < end) {
    const second = bytes[at + 1] as number
    if (second >= 0x80 !== (context.side === 'client')) return 0
    if ((first & 0x0f) >= FIRST_CONTROL && (first < 0x80 || (second & 0x7f) > MOST_CONTROL)) return 0
  }
  return delimitFrame(bytes, at, end)
}

const isUpper = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a
