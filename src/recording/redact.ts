import { createHmac, randomBytes } from 'node:crypto'
import { type AnyCodec, FrameReader, mayHoldSecrets, type Packet, secretRanges } from '../../codecs/core/index.ts'
import { matches, type Pattern } from './matching.ts'
import { patternsOf, type RedactRule } from './rules.ts'

/** Bytes [start, end) of one direction that are not to be written, and what is written in their place. */
export interface Secret {
  readonly start: number
  readonly end: number
  /** One byte for all, or as many as there are. */
  readonly by: number | Uint8Array
}

/** What credentials are overwritten with, and what nobody can tell from them. */
const STAR = 0x2a
/** What is overwritten by a rule. */
const X = 0x78

export const hidden = (start: number, end: number): Secret => ({ start, end, by: STAR })

export interface RedactorOptions {
  /** Leave credentials as they are. */
  readonly keepSecrets: boolean
  readonly rules: readonly RedactRule[]
}

/** Knows what of a packet is not to be written. */
export class Redactor {
  /** Whether there is anything that may not be written. */
  readonly active: boolean
  /** For people: what is overwritten. */
  readonly description: { readonly credentials: boolean; readonly rules: readonly string[] }
  readonly #keepSecrets: boolean
  readonly #rules: readonly RedactRule[]
  readonly #reader = new FrameReader()
  /** Equal values of one recording get equal hashes; those of two have nothing in common. */
  readonly #key = randomBytes(32)
  readonly #types = new Map<AnyCodec, Map<string, Sought>>()

  constructor({ keepSecrets, rules }: RedactorOptions) {
    this.#keepSecrets = keepSecrets
    this.#rules = rules
    this.active = !keepSecrets || rules.length > 0
    const names = rules.map(({ path, redaction }) => `${path.join('.')}=${redaction}`)
    this.description = { credentials: !keepSecrets, rules: names }
  }

  /** Whether this frame, of which not all may be here, is of a type in which nothing is overwritten. */
  isHarmless(codec: AnyCodec, packet: Packet): boolean {
    return this.#sought(codec, codec.type(packet)).harmless
  }

  /**
   * What in a packet is not to be written, as offsets of its direction. Bytes that fit no frame may be half of one, so
   * they count as secret; so does what of a frame was not kept, where its type holds something secret.
   */
  secretsOf(codec: AnyCodec, packet: Packet): readonly Secret[] {
    const { kind, offset, buffer, start, end, length } = packet
    if (kind === 'gap') return none
    if (kind === 'malformed') return this.active ? [hidden(offset, offset + length)] : none
    const { harmless, patterns } = this.#sought(codec, codec.type(packet))
    if (harmless) return none
    const { field } = this.#reader.trace(codec, packet)
    const secrets: Secret[] = this.#keepSecrets
      ? []
      : secretRanges(field).map(range => hidden(offset + range.start, offset + range.end))
    for (const match of matches(field, patterns)) {
      const value = buffer.subarray(start + match.start, start + match.end)
      const by = match.redaction === 'hash' ? this.#hash(value) : X
      secrets.push({ start: offset + match.start, end: offset + match.end, by })
    }
    if (end - start < length) secrets.push(hidden(offset + end - start, offset + length))
    return secrets
  }

  /** The same of a frame that is of no protocol but carries one, whatever its type is said to hold. */
  anyIn(codec: AnyCodec, packet: Packet): readonly Secret[] {
    const { kind, offset, length } = packet
    if (kind === 'malformed') return this.active ? [hidden(offset, offset + length)] : none
    if (kind === 'gap' || this.#keepSecrets) return none
    const { field } = this.#reader.trace(codec, packet)
    return secretRanges(field).map(range => hidden(offset + range.start, offset + range.end))
  }

  /** As many hexadecimal digits as the value has bytes. */
  #hash(value: Uint8Array): Uint8Array {
    const digits = createHmac('sha256', this.#key).update(value).digest('hex')
    return Buffer.alloc(value.length, digits, 'latin1')
  }

  #sought(codec: AnyCodec, type: string): Sought {
    let types = this.#types.get(codec)
    if (types === undefined) {
      types = new Map()
      this.#types.set(codec, types)
    }
    // Types that senders make up themselves are all alike.
    const listed = Object.hasOwn(codec.frames, type) ? type : ''
    let sought = types.get(listed)
    if (sought === undefined) {
      const patterns = this.#rules.flatMap(rule => patternsOf(rule, codec, listed))
      const credentials = !this.#keepSecrets && mayHoldSecrets(codec, listed)
      sought = { patterns, harmless: patterns.length === 0 && !credentials }
      types.set(listed, sought)
    }
    return sought
  }
}

interface Sought {
  readonly patterns: readonly Pattern[]
  readonly harmless: boolean
}

const none: readonly Secret[] = []

/** Hides what is secret of the `length` bytes at `at`, the first of which is number `offset` of its direction. */
export function overwrite(
  bytes: Uint8Array,
  at: number,
  length: number,
  offset: number,
  secrets: readonly Secret[],
): void {
  for (const { start, end, by } of secrets) {
    const from = Math.max(0, start - offset)
    const to = Math.min(length, end - offset)
    if (from >= to) continue
    if (typeof by === 'number') bytes.fill(by, at + from, at + to)
    else bytes.set(by.subarray(from + offset - start, to + offset - start), at + from)
  }
}
