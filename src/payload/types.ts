/** What a message's body holds, and how that was told. */
export interface Payload {
  /** `json`, `text`, `cbor` …; `bytes` where it is nothing known, `empty` where there are none. */
  readonly format: string
  /** What it says, as JSON has it: integers that may pass 2^53 are text, bytes are `{ base64 }`. */
  readonly value: unknown
  /** Content encodings that were undone, in the order in which they were applied: `gzip`. */
  readonly encodings: readonly string[]
  /** The message or record that its schema calls it. */
  readonly type?: string
  /** Its writer's schema, by the number in a registry. */
  readonly schemaId?: number
  /** Why it is not what it is said to be, or not all of it: what, and where. */
  readonly trouble?: string
  /** Whether `value` is the beginning of more. */
  readonly truncated?: boolean
}

export interface Body {
  readonly bytes: Uint8Array
  /** As the message says: `application/json; charset=utf-8`. */
  readonly contentType?: string | undefined
  /** As the message says: `gzip`, or several, in the order in which they were applied: `gzip, deflate`. */
  readonly contentEncoding?: string | undefined
  /** Where it was sent: some destinations are for payloads of one format. */
  readonly destination?: string | undefined
}
