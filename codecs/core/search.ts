/**
 * Finding a delimiter. `Uint8Array.indexOf` looks at one byte after the other; Node's Buffer has the C library's
 * `memchr`, twenty times as fast over kilobytes, and dearer to call.
 */

interface NativeSearch {
  indexOf(value: number, from: number): number
}
const native = (globalThis as { Buffer?: { readonly prototype: NativeSearch } }).Buffer?.prototype

/** So far it costs less to look here. */
const NEAR = 96

/** The first place of `byte` in [from, end), or -1. */
export function indexOf(bytes: Uint8Array, byte: number, from: number, end: number): number {
  const near = Math.min(end, from + NEAR)
  for (let at = from; at < near; at++) if (bytes[at] === byte) return at
  if (near >= end) return -1
  const at = native === undefined ? bytes.indexOf(byte, near) : native.indexOf.call(bytes, byte, near)
  return at < end ? at : -1
}
