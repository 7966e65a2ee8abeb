import type { Reader, Side } from '../core/index.ts'
import { type ClauseName, clause } from './clauses.ts'
import { readConnack, readConnect } from './connect.ts'
import type { Acknowledgement, Auth, Disconnect, MqttFrame, Pingreq, Pingresp } from './frames.ts'
import { type MqttContext, noteGuess, readFlags, readPacketId, readRemainingLength } from './header.ts'
import { type Properties, readProperties } from './properties.ts'
import { readPublish } from './publish.ts'
import { readSuback, readSubscribe, readUnsuback, readUnsubscribe } from './subscribe.ts'
import {
  AUTH,
  CONNACK,
  CONNECT,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  REASON_CODES,
  SUBACK,
  SUBSCRIBE,
  TYPES,
  UNSUBACK,
  UNSUBSCRIBE,
  VERSION_NAMES,
} from './tables.ts'

export function readPacket(reader: Reader, context: MqttContext, side: Side): MqttFrame {
  const code = (reader.bytes[reader.position] as number) >> 4
  switch (code) {
    case PUBLISH:
      return readPublish(reader, context, side)
    case PUBACK:
    case PUBREC:
    case PUBREL:
    case PUBCOMP:
      return readAcknowledgement(reader, code, context, side)
    case CONNECT:
      return readConnect(reader, side)
    case CONNACK:
      return readConnack(reader, context, side)
    case SUBSCRIBE:
      return readSubscribe(reader, context, side)
    case SUBACK:
      return readSuback(reader, context, side)
    case UNSUBSCRIBE:
      return readUnsubscribe(reader, context, side)
    case UNSUBACK:
      return readUnsuback(reader, context, side)
    default:
      return readBare(reader, code, context, side)
  }
}

/** 3.4 PUBACK, 3.5 PUBREC, 3.6 PUBREL, 3.7 PUBCOMP: MQTT 5 may add a reason code, and after it properties. */
function readAcknowledgement(reader: Reader, code: number, context: MqttContext, side: Side): Acknowledgement {
  const { version } = context
  const type = TYPES[code] as Acknowledgement['type']
  const flags = readFlags(reader, version, side)
  const remainingLength = readRemainingLength(reader, version)
  const packetId = readPacketId(reader, version, 'publishedId')
  if (version !== 5 || reader.remaining === 0) {
    return {
      type,
      flags,
      remainingLength,
      packetId,
      reasonCode: undefined,
      reasonName: undefined,
      properties: undefined,
    }
  }
  noteGuess(reader, context, VERSION_NAMES[version])
  const { reasonCode, reasonName, properties } = readReason(reader, code, type, `${type}Code`, side)
  return { type, flags, remainingLength, packetId, reasonCode, reasonName, properties }
}

interface Reason {
  readonly reasonCode: number | undefined
  readonly reasonName: string | undefined
  readonly properties: Properties | undefined
}

/** A reason code and properties, of which MQTT 5 lets a packet leave out either from the end. */
function readReason(
  reader: Reader,
  code: number,
  type: keyof typeof REASON_CODES,
  rule: ClauseName,
  side: Side,
): Reason {
  if (reader.remaining === 0) return { reasonCode: undefined, reasonName: undefined, properties: undefined }
  const reasonCode = reader.u8('reasonCode')
  const reasonName = REASON_CODES[type].name(reasonCode)
  reader.label(reasonName)
  if (reasonName === undefined) {
    const message = `${type.toUpperCase()} has no reason code ${reasonCode}`
    reader.flag('error', 'unknown-reason-code', message, clause(rule, 5))
  }
  const properties = reader.remaining > 0 ? readProperties(reader, code, side) : undefined
  return { reasonCode, reasonName, properties }
}

/** 3.12 PINGREQ, 3.13 PINGRESP, 3.14 DISCONNECT, 3.15 AUTH: a bare fixed header, before MQTT 5. */
function readBare(
  reader: Reader,
  code: number,
  context: MqttContext,
  side: Side,
): Pingreq | Pingresp | Disconnect | Auth {
  const { version } = context
  const type = TYPES[code] as (Pingreq | Pingresp | Disconnect | Auth)['type']
  const flags = readFlags(reader, version, side)
  const remainingLength = readRemainingLength(reader, version)
  if (type === 'pingreq' || type === 'pingresp') return { type, flags, remainingLength }
  if (type === 'disconnect' && version !== 5) {
    if (side === 'server') {
      const message = `DISCONNECT is not for a server to send before MQTT 5.0`
      reader.flag('warning', 'wrong-direction', message, clause('direction', version), 0, 1)
    }
    return { type, flags, remainingLength }
  }
  if (code === AUTH && version !== 5) {
    const message = `${VERSION_NAMES[version]} has no AUTH`
    reader.flag('error', 'unknown-type', message, clause('authType', version), 0, 1)
  } else if (reader.remaining > 0) noteGuess(reader, context, VERSION_NAMES[version])
  const reason = readReason(reader, code, type, `${type}Code`, side)
  if (type === 'auth' && reason.reasonCode !== undefined && reason.properties?.authenticationMethod === undefined) {
    const message = 'AUTH names no authentication method'
    reader.flag('error', 'authentication-method', message, clause('authMethod', 5), 0, reader.offset)
  }
  return { type, flags, remainingLength, ...reason }
}
