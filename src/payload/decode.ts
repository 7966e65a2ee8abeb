import { base64 } from '../../codecs/core/index.ts'
import {
  isOneOf,
  type MediaType,
  type PayloadFormat,
  parseMediaType,
  plain,
  plainText,
  type Reading,
  Unreadable,
  wholeCharacters,
} from '../../codecs/payload/index.ts'
import { encodingNamed, encodingOf, undo } from './encodings.ts'
import type { Body, Payload } from './types.ts'

/** No one wraps a body more often; whoever seems to is up to something. */
const MOST_ENCODINGS = 5

/**
 * The payload of a body. Never throws: what is not what it is said to be is text or bytes, with the reason.
 *
 * First what the message says, then what the destination means, then what the bytes look like.
 *
 * @param limit - bytes of a body that are decoded, before and after each content encoding
 */
export function decodePayload(formats: readonly PayloadFormat[], limit: number, body: Body): Payload {
  const unwrapped = new Unwrapping(body.bytes, limit)
  const said = body.contentType === undefined ? undefined : parseMediaType(body.contentType)
  const { encoding } = said?.parameters ?? {}
  const listed = body.contentEncoding !== undefined || encoding !== undefined
  const charset = listed ? unwrapped.undoAll(body.contentEncoding, encoding) : undefined
  unwrapped.undoMarked()
  const { bytes, encodings, troubles } = unwrapped
  const media = charset === undefined ? said : withCharset(said, charset)
  const payload = unwrapped.cut ? beginning(bytes) : whole(formats, bytes, media, body.destination, troubles)
  payload.encodings = encodings
  if (troubles.length > 0) payload.trouble = troubles.join('; ')
  if (unwrapped.cut) payload.truncated = true
  return payload
}

/** A payload that is being put together: there are very many, and copies of what is known so far would cost most of all. */
type Making = { -readonly [K in keyof Payload]: Payload[K] }

const NONE: readonly string[] = []

const making = (format: string, value: unknown): Making => ({ format, value, encodings: NONE })

/** A body without its content encodings. */
class Unwrapping {
  bytes: Uint8Array
  readonly #limit: number
  readonly encodings: string[] = []
  readonly troubles: string[] = []
  /** Whether `bytes` are the beginning of more. */
  cut: boolean
  /** What `bytes` turned out not to be encoded in. */
  #failed: string | undefined

  constructor(bytes: Uint8Array, limit: number) {
    this.#limit = limit
    this.cut = bytes.length > limit
    this.bytes = this.cut ? bytes.subarray(0, limit) : bytes
    if (this.cut) this.troubles.push(`${bytes.length} bytes; the first ${limit} are shown`)
  }

  /** Undoes what headers list, the last first. Some say the charset there: that is returned. */
  undoAll(...lists: readonly (string | undefined)[]): string | undefined {
    let charset: string | undefined
    const names = lists.flatMap(list => list?.slice(0, LONGEST_LIST).split(',') ?? [])
    for (const name of names.reverse()) {
      const token = name.trim().toLowerCase()
      const encoding = encodingNamed(token)
      if (NOT_ENCODED.has(token)) continue
      if (encoding === undefined && isCharset(token)) charset = token
      else if (encoding === undefined) {
        this.troubles.push(`content encoding "${token}" is not known`)
        return charset
      } else if (!this.#undo(encoding, true)) return charset
    }
    return charset
  }

  /** Undoes what bytes bear the mark of, whatever is said of them. */
  undoMarked(): void {
    for (;;) {
      const encoding = encodingOf(this.bytes)
      if (encoding === undefined || encoding === this.#failed || !this.#undo(encoding, false)) return
    }
  }

  /** Whether there may be another encoding beneath. */
  #undo(encoding: string, said: boolean): boolean {
    if (this.encodings.length === MOST_ENCODINGS) {
      this.troubles.push(`more than ${MOST_ENCODINGS} content encodings`)
      return false
    }
    const { bytes, trouble, cut = false } = undo(encoding, this.bytes, this.#limit)
    // Its mark is two bytes, which may be chance: what is not said to be it must be it to the last byte.
    if (!said && trouble !== undefined && encoding === 'deflate') return false
    if (trouble !== undefined) this.troubles.push(trouble)
    if (bytes.length === 0 && cut) {
      this.#failed = encoding
      return false
    }
    this.bytes = bytes
    this.cut ||= cut
    this.encodings.unshift(encoding)
    return !this.cut
  }
}

const LONGEST_LIST = 256
const NOT_ENCODED = new Set(['', 'identity', 'none', 'binary', '7bit', '8bit'])

function isCharset(label: string): boolean {
  try {
    new TextDecoder(label)
    return true
  } catch {
    return false
  }
}

/** `text/plain` says nothing of itself; the charset is what counts. */
function withCharset(media: MediaType | undefined, charset: string): MediaType | undefined {
  return media && { ...media, parameters: { charset, ...media.parameters } }
}

function whole(
  formats: readonly PayloadFormat[],
  bytes: Uint8Array,
  media: MediaType | undefined,
  destination: string | undefined,
  troubles: string[],
): Making {
  if (bytes.length === 0) return making('empty', '')
  const exact = media && formats.find(({ contentTypes }) => contentTypes.includes(media.type))
  const said = exact ?? (media && formats.find(({ contentTypes }) => isOneOf(media.type, contentTypes)))
  const meant = said ?? (destination === undefined ? undefined : destined(formats, destination))
  if (meant !== undefined) {
    const reading = read(meant, bytes, media)
    if (!(reading instanceof Unreadable)) return found(meant, reading, troubles)
    troubles.push(`${meant.name}: ${reading.message}`)
    return asItIs(bytes)
  }
  for (const { format, score } of looking(formats, bytes)) {
    const reading = read(format, bytes, media)
    // A mark of its own is reason enough to believe it.
    if (reading instanceof Unreadable) {
      if (score === 1) troubles.push(`${format.name}: ${reading.message}`)
    } else if (score === 1 || format.plausible?.(reading.value) !== false) return found(format, reading, troubles)
  }
  return asItIs(bytes)
}

function destined(formats: readonly PayloadFormat[], destination: string): PayloadFormat | undefined {
  for (const format of formats) if (format.destined?.(destination) === true) return format
  return undefined
}

interface Looking {
  readonly format: PayloadFormat
  readonly score: number
}

/** The formats that the bytes look like, the likeliest first. */
function looking(formats: readonly PayloadFormat[], bytes: Uint8Array): readonly Looking[] {
  const found: Looking[] = []
  for (const format of formats) {
    const score = format.looks?.(bytes) ?? 0
    if (score > 0) found.push({ format, score })
  }
  return found.length < 2 ? found : found.sort((a, b) => b.score - a.score)
}

function read(format: PayloadFormat, bytes: Uint8Array, media: MediaType | undefined): Reading | Unreadable {
  try {
    return format.decode(bytes, media?.parameters ?? {})
  } catch (error) {
    if (error instanceof Unreadable) return error
    throw error
  }
}

function found({ id, name }: PayloadFormat, reading: Reading, troubles: string[]): Making {
  const { value, trouble, type, schemaId } = reading
  if (trouble !== undefined) troubles.push(`${name}: ${trouble}`)
  const { value: json, cut } = plain(value)
  const payload = making(id, json)
  if (type !== undefined) payload.type = type
  if (schemaId !== undefined) payload.schemaId = schemaId
  if (cut !== undefined) {
    troubles.push(cut)
    payload.truncated = true
  }
  return payload
}

function asItIs(bytes: Uint8Array): Making {
  const text = plainText(bytes)
  return text === undefined ? making('bytes', { base64: base64(bytes) }) : making('text', text)
}

/** Nothing that needs its end can be read of a beginning. */
function beginning(bytes: Uint8Array): Making {
  const text = plainText(wholeCharacters(bytes))
  return text === undefined ? asItIs(bytes) : making('text', text)
}
