/**
 * What a message's body holds.
 *
 * A format is told by content type, by the destination's convention, or by its look. Looks are for bodies that nothing
 * else speaks of, and there a false find is worse than a miss: what is not certain stays text or bytes.
 */

/** Parameters of a media type, their names in lower case: `charset`. */
export type Parameters = Readonly<Record<string, string>>

/** What a body was read as. */
export interface Reading {
  /** Of plain values, bigints, Uint8Arrays, and lists and objects of these. */
  readonly value: unknown
  /** The message or record that a schema calls it. */
  readonly type?: string
  /** Its writer's schema, in the registry that the writer used. */
  readonly schemaId?: number
  /** Why it is less than it could be. */
  readonly trouble?: string
}

export interface PayloadFormat {
  /** As output names it. */
  readonly id: string
  readonly name: string
  /** Media types in lower case, without parameters; `+json` is a structured suffix [RFC 6839], `text/` a whole tree. */
  readonly contentTypes: readonly string[]
  /** Whether everything sent to this destination is of this format, by the format's own specification. */
  readonly destined?: (destination: string) => boolean
  /**
   * How much the bytes look like it: 0 not at all, 1 where they begin with a mark that is its own. Looks at a few bytes
   * only; whether they are it, `decode` and `plausible` tell. Left out, no look tells of it.
   */
  readonly looks?: (bytes: Uint8Array) => number
  /** Throws Unreadable where the bytes are not of this format, from the first to the last. */
  readonly decode: (bytes: Uint8Array, parameters: Parameters) => Reading
  /** Whether a value is worth believing where only the look spoke for it; left out, any is. */
  readonly plausible?: (value: unknown) => boolean
}

/** Bytes are not what they were taken for. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
  /** Byte offset in the body; undefined where it is about the whole. */
  readonly at: number | undefined

  constructor(message: string, at?: number) {
    super(at === undefined ? message : `${message} at byte ${at}`)
    this.at = at
  }
}

/** What nests deeper is nobody's data, and reading it would cost the stack. */
export const MAX_DEPTH = 64
