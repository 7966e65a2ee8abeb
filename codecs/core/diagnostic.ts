export type Severity = 'error' | 'warning' | 'note'

/** Something malformed or odd inside one packet. Data, never an exception: the bytes stay, reading goes on. */
export interface Diagnostic {
  /** Stable and kebab-case, so that scripts can rely on it: `short-field`, `reserved-flags`. */
  readonly code: string
  readonly severity: Severity
  readonly message: string
  /** The clause that is broken, in the specification's own numbering: `MQTT-3.3.1-4`, `RFC 7252 §5.3`. */
  readonly rule?: string
  /** Bytes [start, end) of the packet. */
  readonly start: number
  readonly end: number
}
