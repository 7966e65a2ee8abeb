/** Exit codes are part of the command line's contract: scripts tell these apart. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  connection: 3,
  input: 4,
  threshold: 99,
  interrupted: 130,
} as const

export interface FailureOptions {
  readonly exit: number
  /** What to try next: an imperative sentence. */
  readonly next?: string
  readonly cause?: unknown
}

/**
 * Something went wrong that its user can understand: the message says what and where (file, byte offset, flow, frame),
 * `next` what to do about it. Anything else that is thrown is a bug of ours.
 */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exit: number
  readonly next: string | undefined

  constructor(message: string, { exit, next, cause }: FailureOptions) {
    super(message, cause === undefined ? {} : { cause })
    this.exit = exit
    this.next = next
  }
}

export const usage = (message: string, next?: string): Failure =>
  new Failure(message, { exit: EXIT.usage, ...(next === undefined ? {} : { next }) })
