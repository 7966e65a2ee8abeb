import type { AnyCodec } from '../codecs/core/index.ts'
import type { DecodeAs } from './detect.ts'
import { usage } from './failure.ts'
import { near } from './near.ts'

const RULE = /^(?:(tcp|udp)\.port\s*==\s*(\d{1,5})\s*,\s*)?([^,=\s]+)$/

/** `tcp.port==5673,amqp091`, `udp.port==…`, or a protocol alone for everything. */
export function parseDecodeAs(rule: string, codecs: readonly AnyCodec[]): DecodeAs {
  const [, transport, port, id] = RULE.exec(rule.trim()) ?? []
  if (id === undefined || Number(port ?? 0) > 65535) {
    throw usage(`--decode-as ${rule}: not a rule`, 'Write tcp.port==5673,amqp091 or a protocol alone: amqp091.')
  }
  const wanted = transport === undefined ? undefined : transport === 'tcp' ? 'stream' : 'datagram'
  // One id may stand for two codecs, one on each transport.
  const fitting = codecs.find(codec => codec.id === id && codec.transport === wanted)
  return {
    transport: wanted,
    port: port === undefined ? undefined : Number(port),
    codec: fitting ?? codecNamed(id, codecs, `--decode-as ${rule}`),
  }
}

function codecNamed(id: string, codecs: readonly AnyCodec[], where: string): AnyCodec {
  const found = codecs.find(codec => codec.id === id)
  if (found !== undefined) return found
  const ids = [...new Set(codecs.map(codec => codec.id))]
  const [meant] = near(id, ids)
  const hint = meant === undefined ? '' : `Did you mean ${meant}? `
  throw usage(`${where}: no protocol is called ${id}`, `${hint}Protocols: ${ids.join(', ')}.`)
}
