import { EXIT, Failure } from '../failure.ts'

/** A capture that cannot be read at all. One that is damaged further on is read as far as it goes. */
export class CaptureError extends Failure {
  /** Where in the file, decompressed. */
  readonly offset: number | undefined

  constructor(
    message: string,
    { next, offset, cause }: { readonly next?: string; readonly offset?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { exit: EXIT.input, ...(next === undefined ? {} : { next }), cause })
    this.offset = offset
  }
}

/** Where a capture stops making sense, and how. */
export interface Damage {
  /** In the file, decompressed. */
  readonly offset: number
  readonly message: string
}
