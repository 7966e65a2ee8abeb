import { getSystemErrorMessage } from 'node:util'

/** The system's own name for what went wrong: `ECONNREFUSED`. */
export const errnoOf = (error: unknown): string | undefined => (cause(error) as { code?: string }).code

/** The system's own words for it: `connection refused`. */
export function reason(error: unknown): string {
  const { code, errno, message } = cause(error) as NodeJS.ErrnoException
  if (code === 'ENOTFOUND') return 'no such host'
  // What we raise ourselves has a code but no number.
  return errno === undefined ? message : getSystemErrorMessage(errno)
}

/** Where several addresses of a name were tried, the first one's failure. */
function cause(error: unknown): Error {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0]
  return error instanceof Error ? error : new Error(String(error))
}
