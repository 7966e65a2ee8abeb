import { latin1 } from '../../core/index.ts'
import type { Header } from './frames.ts'

/** The head of an HTTP/1.1 message, as far as a WebSocket upgrade and framing need it. */
export interface Head {
  readonly startLine: string
  readonly headers: readonly Header[]
}

const LF = 0x0a
const CR = 0x0d

/**
 * Where the empty line after the header fields ends, relative to `start`; or negated, where a search that found none
 * goes on. A bare LF ends a line as well (RFC 9112 §2.2).
 */
export function headEnd(bytes: Uint8Array, start: number, end: number, from: number): number {
  for (let at = start + from; ; at++) {
    at = bytes.indexOf(LF, at)
    if (at < 0 || at >= end) return -Math.max(0, end - start - 3)
    if (bytes[at - 1] === LF && at > start) return at + 1 - start
    if (bytes[at - 1] === CR && bytes[at - 2] === LF && at - 2 > start) return at + 1 - start
  }
}

export function parseHead(bytes: Uint8Array, start: number, end: number): Head {
  const [startLine = '', ...lines] = latin1(bytes, start, end).split(/\r?\n/)
  const headers: Header[] = []
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.push({ name: line.slice(0, colon), value: line.slice(colon + 1).trim() })
  }
  return { startLine, headers }
}

/** The values of a field, joined as if it stood once (RFC 9110 §5.3). */
export function header(head: Head, name: string): string | undefined {
  const values = head.headers.filter(field => field.name.toLowerCase() === name).map(({ value }) => value)
  return values.length === 0 ? undefined : values.join(', ')
}

/** Whether a list-valued field holds a token, whatever its case. */
export const has = (head: Head, name: string, token: string): boolean =>
  header(head, name)
    ?.split(',')
    .some(item => item.trim().toLowerCase() === token) === true

export const isRequest = (head: Head): boolean => !head.startLine.startsWith('HTTP/')

export const status = (head: Head): number => Number(/^HTTP\/\d\.\d (\d{3})/.exec(head.startLine)?.[1] ?? 0)

export const asksForWebSocket = (head: Head): boolean =>
  isRequest(head) && has(head, 'upgrade', 'websocket') && has(head, 'connection', 'upgrade')

export const grantsWebSocket = (head: Head): boolean => status(head) === 101 && has(head, 'upgrade', 'websocket')
