import type { Side } from '../core/index.ts'
import type { MqttContext } from './header.ts'
import { varintAt } from './primitives.ts'
import { chainAt } from './resync.ts'
import { bodyAt, hasKnownName, isWellFormed, levelAt, namesMqtt } from './scan.ts'
import { CONNACK, CONNECT } from './tables.ts'

const CERTAIN = 1
const LIKELY = 0.7
const MAYBE = 0.3

const unknown: MqttContext = { version: 4, guessed: true, topic: undefined }

/**
 * A client begins with CONNECT, which names its protocol; a server with CONNACK, four bytes and up. Of a connection
 * joined later, only a chain of several well-formed packets tells: no single one of them is long enough.
 */
export function detectMqtt(head: Uint8Array, side: Side): number {
  const end = head.length
  const code = (head[0] as number) >> 4
  if (side === 'client' && code === CONNECT) return detectConnect(head, end)
  if (side === 'server' && code === CONNACK && isConnack(head, end)) return LIKELY
  return chainAt(head, 0, end, unknown, false) > 0 ? LIKELY : 0
}

function detectConnect(head: Uint8Array, end: number): number {
  if (hasKnownName(head, 0, end)) return CERTAIN
  const body = bodyAt(head, 0, end)
  if (body < 0) return varintAt(head, 1, end) < 0 ? MAYBE : 0
  if (!namesMqtt(head, body, end)) return 0
  return levelAt(head, 0, end) === undefined ? MAYBE : LIKELY
}

function isConnack(head: Uint8Array, end: number): boolean {
  const body = bodyAt(head, 0, end)
  const to = body + (varintAt(head, 1, end) >>> 3)
  if (body < 0 || to > end) return false
  return isWellFormed(head, 0, body, to, 4) || isWellFormed(head, 0, body, to, 5)
}
