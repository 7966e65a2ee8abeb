import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { latin1 } from '../../codecs/core/index.ts'

/** Bodies as they were before they were compressed. What comes out is bounded, whatever goes in. */

export interface Decoding {
  /** All there is; where there is trouble, as much as could be had. */
  readonly bytes: Uint8Array
  readonly trouble?: string
  /** Whether more would have come. */
  readonly cut?: boolean
}

interface Encoding {
  /** Whether bytes begin as this encoding's do; left out where that says too little. */
  readonly marks?: (bytes: Uint8Array) => boolean
  /** @param whole - false to give out what there is where the end is missing */
  readonly decode: (bytes: Uint8Array, most: number, whole: boolean) => Inflated
}

/** What zlib answers where it is asked for how much of its input it used. */
interface Inflated {
  readonly buffer: Uint8Array
  readonly engine: { readonly bytesWritten: number }
}

type Inflate = (bytes: Uint8Array, options: object) => unknown

const inflating =
  (inflate: Inflate, flush: number, options: object = {}): Encoding['decode'] =>
  (bytes, most, whole) =>
    inflate(bytes, {
      maxOutputLength: most,
      info: true,
      ...options,
      ...(whole ? {} : { finishFlush: flush }),
    }) as Inflated

const zlib = inflating(inflateSync, constants.Z_SYNC_FLUSH)
const raw = inflating(inflateRawSync, constants.Z_SYNC_FLUSH)

/** CMF and FLG [RFC 1950 §2.2]: deflate with a window of up to 32 KiB, the two a multiple of 31. */
const isZlib = ([cmf = 0, flags = 0]: Uint8Array): boolean => (cmf & 0x8f) === 8 && (cmf * 256 + flags) % 31 === 0

/** A frame may ask for a window of 128 MiB; decoders need not grant more than this [RFC 8878 §3.1.1.1.2]. */
const ZSTD_WINDOW = { params: { [constants.ZSTD_d_windowLogMax]: 23 } }

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  gzip: {
    marks: ([a, b, method, flags = 0]) => a === 0x1f && b === 0x8b && method === 8 && flags < 32,
    decode: inflating(gunzipSync, constants.Z_SYNC_FLUSH),
  },
  zstd: {
    marks: ([a, b, c, d]) => a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd,
    decode: inflating(zstdDecompressSync, constants.ZSTD_e_flush, ZSTD_WINDOW),
  },
  // Some send it without zlib's wrapping [RFC 9110 §8.4.1.2].
  deflate: {
    // With the window that everybody has.
    marks: bytes => bytes[0] === 0x78 && isZlib(bytes),
    decode: (bytes, most, whole) => (isZlib(bytes) ? zlib : raw)(bytes, most, whole),
  },
  br: { decode: inflating(brotliDecompressSync, constants.BROTLI_OPERATION_FLUSH) },
  base64: { decode: fromBase64 },
}

function fromBase64(bytes: Uint8Array, most: number): Inflated {
  const text = latin1(bytes, 0, bytes.length)
  if (/[^A-Za-z0-9+/=\r\n]/.test(text)) throw new Error('characters that base64 does not have')
  if (text.replace(/[=\r\n]/g, '').length % 4 === 1) throw new Error('unexpected end of file')
  return {
    buffer: new Uint8Array(Buffer.from(text, 'base64')).subarray(0, most),
    engine: { bytesWritten: bytes.length },
  }
}

/** By the names that are in use [RFC 9110 §8.4.1; RFC 8878; RFC 7932]; undefined where there is none such. */
export function encodingNamed(name: string): string | undefined {
  const plain = name.startsWith('x-') ? name.slice(2) : name
  return Object.hasOwn(ENCODINGS, plain) ? plain : undefined
}

/** The encoding that bytes begin with the mark of. */
export function encodingOf(bytes: Uint8Array): string | undefined {
  for (const name in ENCODINGS) if (ENCODINGS[name]?.marks?.(bytes)) return name
  return undefined
}

/** Undoes one encoding, to `most` bytes at the most. */
export function undo(name: string, bytes: Uint8Array, most: number): Decoding {
  const { decode } = ENCODINGS[name] as Encoding
  try {
    const { buffer, engine } = decode(bytes, most, true)
    const rest = bytes.length - engine.bytesWritten
    return rest === 0
      ? { bytes: plainly(buffer) }
      : { bytes: plainly(buffer), trouble: `${name}: ${rest} bytes follow its end` }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const head = beginning(decode, bytes, most)
    if (code !== 'ERR_BUFFER_TOO_LARGE') return { bytes: head, trouble: `${name}: ${message}`, cut: true }
    const shown = head.length > 0 ? `; ${head.length} are shown` : ''
    return { bytes: head, trouble: `${name}: more than ${most} bytes${shown}`, cut: true }
  }
}

/**
 * As much of the beginning as can be had: of twice as much input each time until it fails, then of lengths between. So
 * all of it costs no more than decoding `most` bytes a number of times that is logarithmic.
 */
function beginning(decode: Encoding['decode'], bytes: Uint8Array, most: number): Uint8Array {
  let best: Uint8Array = new Uint8Array(0)
  const succeeds = (length: number): boolean => {
    try {
      best = decode(bytes.subarray(0, length), most, false).buffer
      return true
    } catch {
      return false
    }
  }
  let length = FIRST
  while (succeeds(length) && length < bytes.length) length *= 2
  for (let step = length / 4, at = length / 2; step >= 1 && step >= length / FINEST; step /= 2) {
    if (succeeds(at + step)) at += step
  }
  return plainly(best)
}

const FIRST = 8
/** Lengths that are tried are no nearer to each other than the input's divided by this. */
const FINEST = 64

const plainly = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
