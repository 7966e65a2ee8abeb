import type { Reader, Side } from '../core/index.ts'
import { type ClauseName, clause, flagsClause } from './clauses.ts'
import { readVarint } from './primitives.ts'
import { flagsOf, type PacketType, PUBREL, SENDERS, SUBSCRIBE, TYPES, UNSUBSCRIBE, type Version } from './tables.ts'

/**
 * What a packet's reading depends on beside its bytes. `guessed`: the CONNECT that names the version was not seen.
 * `topic`: what the topic alias of this very PUBLISH stands for.
 */
export interface MqttContext {
  readonly version: Version
  readonly guessed: boolean
  readonly topic: string | undefined
}

/** 2.1 Fixed header, up to the flags: of any packet but PUBLISH, whose flags differ. */
export function readFlags(reader: Reader, version: Version, side: Side): number | undefined {
  const first = reader.u8('fixedHeader')
  const code = first >> 4
  const type = TYPES[code] as PacketType
  reader.bits('packetType', 0xf0)
  reader.label(type.toUpperCase())
  const flags = reader.bits('flags', 0x0f)
  if (SENDERS[type] !== undefined && SENDERS[type] !== side) {
    const message = `${type.toUpperCase()} is not for a ${side} to send`
    reader.flag('warning', 'wrong-direction', message, clause('direction', version))
  }
  if (flags === flagsOf(code)) return undefined
  const rule = flagsClause(type, version)
  if (rule !== undefined) {
    const message = `${type.toUpperCase()} has flags ${bits(flags)} where ${bits(flagsOf(code))} is asked for`
    reader.flag('error', 'reserved-flags', message, rule)
  } else if (code !== PUBREL && code !== SUBSCRIBE && code !== UNSUBSCRIBE) {
    reader.flag('note', 'unused-flags', `${type.toUpperCase()} makes no use of flags ${bits(flags)}`)
  }
  return flags
}

const bits = (flags: number): string => flags.toString(2).padStart(4, '0')

export const readRemainingLength = (reader: Reader, version: Version): number =>
  readVarint(reader, 'remainingLength', version)

export function readPacketId(reader: Reader, version: Version, rule: ClauseName): number {
  const packetId = reader.u16('packetId')
  if (packetId === 0 && !reader.ranOut) {
    reader.flag('error', 'zero-packet-id', 'packet identifier 0 is none', clause(rule, version))
  }
  return packetId
}

/** Says that this packet was read as a version that nothing but its look speaks for. */
export function noteGuess(reader: Reader, context: MqttContext, name: string): void {
  if (context.guessed) reader.flag('note', 'version-guessed', `no CONNECT was seen: read as ${name}`, undefined, 0, 1)
}
