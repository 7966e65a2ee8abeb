import { EXIT, Failure } from '../failure.ts'
import { type Address, formatAddress } from './address.ts'
import { errnoOf, reason } from './errno.ts'

/** Why nothing can be accepted at `address`, and what to do about it; `elsewhere` says how another is given. */
export function cannotListen(address: Address, error: unknown, elsewhere: string): Failure {
  const name = formatAddress(address)
  const code = errnoOf(error)
  const what = code === undefined ? undefined : WHY[code]?.(address, elsewhere)
  const message = `cannot listen on ${name}: ${what?.why ?? reason(error)}`
  return new Failure(message, { exit: EXIT.connection, cause: error, next: what?.next ?? elsewhere })
}

const WHY: Readonly<
  Record<string, (address: Address, elsewhere: string) => { readonly why: string; readonly next?: string }>
> = {
  EADDRINUSE: ({ transport, host, port }, elsewhere) =>
    transport === 'unix'
      ? { why: 'the file is there already', next: `If nobody listens on it any more, remove it: rm ${host}` }
      : { why: 'the port is in use', next: `See who has it: ss -ltnp 'sport = :${port}'. ${elsewhere}` },
  EACCES: ({ transport, port }) =>
    transport === 'unix'
      ? { why: 'there is no such directory, or no permission to make a file in it' }
      : port < 1024
        ? { why: 'ports below 1024 need privileges' }
        : { why: 'no permission' },
  EADDRNOTAVAIL: () => ({
    why: 'this machine does not have that address',
    next: 'Without a host it is loopback; 0.0.0.0 and [::] are all addresses.',
  }),
}
