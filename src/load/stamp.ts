/**
 * What a message carries in its body to be known again, and timed: 32 bytes, big-endian.
 *
 *      0         4         8         12        16                24               32
 *      +---------+---------+---------+---------+-----------------+-----------------+
 *      |  "mqi1" |   run   |  stream | sequence|    due (ms)     |    sent (ms)    |
 *      +---------+---------+---------+---------+-----------------+-----------------+
 *
 * At the front of the body as it is; or, where a body is text, anywhere in it in hexadecimal. Times are of the run's
 * clock.
 */
export const STAMP_LENGTH = 32
const MAGIC = 0x6d71_6931
/** The first eight digits of a stamp in hexadecimal. */
const MAGIC_TEXT = '6d716931'

/** What stands in text in place of a stamp, until it is sent: as long as one is. */
export const STAMP_PLACE = `${MAGIC_TEXT}${'0'.repeat(STAMP_LENGTH * 2 - 8)}`

/** Where the stamp goes in a body, and as what. */
export interface StampPlace {
  readonly at: number
  readonly text: boolean
}

/** Where a place is kept for it; or, where that is wanted, over the body's front. Undefined where it has no room. */
export function placeOf(body: Uint8Array, front = true): StampPlace | undefined {
  const at = Buffer.from(body.buffer, body.byteOffset, body.length).indexOf(STAMP_PLACE, 0, 'latin1')
  if (at >= 0) return { at, text: true }
  return front && body.length >= STAMP_LENGTH ? { at: 0, text: false } : undefined
}

/** Puts stamps on what is sent. */
export class Stamper {
  readonly #run: number
  readonly #stamp = new Uint8Array(STAMP_LENGTH)
  readonly #view = new DataView(this.#stamp.buffer)

  constructor(run: number) {
    this.#run = run
  }

  write(
    bytes: Uint8Array,
    view: DataView,
    bodyAt: number,
    { at, text }: StampPlace,
    stream: number,
    sequence: number,
    due: number,
    sent: number,
  ): void {
    const target = text ? this.#view : view
    const start = text ? 0 : bodyAt + at
    target.setUint32(start, MAGIC)
    target.setUint32(start + 4, this.#run)
    target.setUint32(start + 8, stream)
    target.setUint32(start + 12, sequence)
    target.setFloat64(start + 16, due)
    target.setFloat64(start + 24, sent)
    if (text) putHex(this.#stamp, bytes, bodyAt + at)
  }
}

const DIGITS = Uint8Array.from('0123456789abcdef', digit => digit.charCodeAt(0))

function putHex(stamp: Uint8Array, bytes: Uint8Array, at: number): void {
  for (let from = 0; from < STAMP_LENGTH; from++) {
    const byte = stamp[from] as number
    bytes[at + from * 2] = DIGITS[byte >> 4] as number
    bytes[at + from * 2 + 1] = DIGITS[byte & 15] as number
  }
}

/** Reads the stamps of what comes. One object, read anew each time. */
export class StampReader {
  stream = 0
  sequence = 0
  due = 0
  sent = 0
  readonly #run: number
  readonly #text = Buffer.alloc(STAMP_LENGTH)
  readonly #inText: boolean
  #view = new DataView(new ArrayBuffer(0) as ArrayBufferLike)

  /** `inText`: whether there may be stamps in hexadecimal, which are looked for in all that has none in front. */
  constructor(run: number, inText: boolean) {
    this.#run = run
    this.#inText = inText
  }

  /** False where [start, end) holds no stamp of this run. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start < STAMP_LENGTH) return false
    if (bytes[start] === MAGIC >>> 24 && this.#take(bytes, start)) return true
    if (!this.#inText) return false
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
    const at = text.indexOf(MAGIC_TEXT, 0, 'latin1')
    if (at < 0 || end - start - at < STAMP_LENGTH * 2) return false
    if (this.#text.write(text.toString('latin1', at, at + STAMP_LENGTH * 2), 'hex') !== STAMP_LENGTH) return false
    return this.#take(this.#text, 0)
  }

  #take(bytes: Uint8Array, start: number): boolean {
    if (bytes.buffer !== this.#view.buffer) this.#view = new DataView(bytes.buffer)
    const view = this.#view
    const at = bytes.byteOffset + start
    if (view.getUint32(at) !== MAGIC || view.getUint32(at + 4) !== this.#run) return false
    this.stream = view.getUint32(at + 8)
    this.sequence = view.getUint32(at + 12)
    this.due = view.getFloat64(at + 16)
    this.sent = view.getFloat64(at + 24)
    return true
  }
}
