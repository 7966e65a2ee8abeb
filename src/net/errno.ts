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
  const { errno, code = '', syscall } = cause(error) as NodeJS.ErrnoException
  return errno === undefined ? tlsTrouble(cause(error), side)?.next : (SYSTEM[`${syscall} ${code}`] ?? SYSTEM[code])
}

const PORTS =
  'No port of this machine is free to connect from: one address has about 28,000 for each that it connects to. Connect from more (load: --local-address 127.0.0.2,127.0.0.3), or have more: sysctl -w net.ipv4.ip_local_port_range="1024 65535".'

/** By the system's name, and where that means another thing, by what was asked of it. */
const SYSTEM: Readonly<Record<string, string>> = {
  EMFILE: 'This process may have no more open files. Let it: ulimit -n 100000, docker run --ulimit nofile=100000.',
  ENFILE: 'The whole machine has no more: sysctl fs.file-max says how many.',
  EADDRNOTAVAIL: PORTS,
  'bind EADDRNOTAVAIL': 'Connect from an address that this machine has: ip addr shows them.',
  EADDRINUSE: PORTS,
}

/** Where several addresses of a name were tried, the first one's failure. */
function cause(error: unknown): Error {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0]
  // What was aborted for no reason that was given: its code is a number of the DOM's.
  if (error instanceof DOMException) return new Error(error.message)
  return error instanceof Error ? error : new Error(String(error))
}
