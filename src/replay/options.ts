import { codecs } from '../../codecs/index.ts'
import { usage } from '../failure.ts'
import { type Address, formatAddress, parseUpstream } from '../net/index.ts'

/** Whom to play to. */
export function parseTo(text: string): Address {
  const to = parseUpstream(text, codecs)
  if (to.transport !== 'dtls') return to
  throw usage(
    `--to ${formatAddress(to)}: nothing can be replayed over ${to.transport}`,
    'TCP, TLS, WebSocket, UDP can.',
  )
}

/** What stands live for a recorded address, by `RECORDED=LIVE` each; a last * stands for any end, which is kept. */
export function parseMap(pairs: readonly string[]): (recorded: string) => string {
  const exact = new Map<string, string>()
  const prefixes: (readonly [string, string])[] = []
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at <= 0) throw usage(`--map ${pair}: not a pair`, 'Write RECORDED=LIVE: --map orders=orders-test.')
    const [then, now] = [pair.slice(0, at), pair.slice(at + 1)]
    if (!then.endsWith('*')) exact.set(then, now)
    else prefixes.push([then.slice(0, -1), now.replace(/\*$/, '')])
  }
  if (pairs.length === 0) return recorded => recorded
  return recorded => {
    const known = exact.get(recorded)
    if (known !== undefined) return known
    const prefix = prefixes.find(([then]) => recorded.startsWith(then))
    return prefix === undefined ? recorded : prefix[1] + recorded.slice(prefix[0].length)
  }
}
