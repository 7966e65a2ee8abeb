import { getSystemErrorMessage } from 'node:util'
import type { Side } from '../../codecs/core/index.ts'
import { tlsTrouble } from './tls-trouble.ts'

/** The system's own name for what went wrong: `ECONNREFUSED`. */
export const errnoOf = (error: unknown): string | undefined => (cause(error) as { code?: string }).code

/** The system's own words for it: `connection refused`; of TLS, ours. `side` is who it came of. */
export function reason(error: unknown, side: Side = 'server'): string {
  const { code, errno, message } = cause(error) as NodeJS.ErrnoException
  if (code === 'ENOTFOUND') return 'no such host'
  if (errno !== undefined) return getSystemErrorMessage(errno)
  // What we raise ourselves has a code but no number.
  return tlsTrouble(cause(error), side)?.why ?? message
}

/** What to do about it, where that is known. */
export function advice(error: unknown, side: Side = 'server'): string | undefined {
  const { errno } = cause(error) as NodeJS.ErrnoException
  return errno === undefined ? tlsTrouble(cause(error), side)?.next : undefined
}

/** Where several addresses of a name were tried, the first one's failure. */
function cause(error: unknown): Error {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0]
  // What was aborted for no reason that was given: its code is a number of the DOM's.
  if (error instanceof DOMException) return new Error(error.message)
  return error instanceof Error ? error : new Error(String(error))
}
