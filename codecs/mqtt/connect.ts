import type { Reader, Side } from '../core/index.ts'
import { clause } from './clauses.ts'
import type { Connack, Connect } from './frames.ts'
import { type MqttContext, noteGuess, readFlags, readRemainingLength } from './header.ts'
import { readBinary, readString } from './primitives.ts'
import { readProperties, WILL } from './properties.ts'
import { BRIDGE, connectVersionAt } from './scan.ts'
import { CONNACK, CONNECT, REASON_CODES, RETURN_CODES, VERSION_NAMES, type Version } from './tables.ts'

/** 3.1 CONNECT. It names its own version, whatever the context is. */
export function readConnect(reader: Reader, side: Side): Connect {
  const version = connectVersionAt(reader.bytes, reader.position, reader.limit)
  const flags = readFlags(reader, version, side)
  const remainingLength = readRemainingLength(reader, version)
  const protocolName = readString(reader, 'protocolNameLength', 'protocolName', version)
  const level = reader.u8('protocolLevel')
  const protocolVersion = reader.bits('protocolVersion', 0x7f)
  reader.label(VERSION_NAMES[protocolVersion as Version])
  const bridge = reader.bit('bridge', BRIDGE) ? true : undefined
  checkProtocol(reader, protocolName, level & 0x7f, version)

  const connectFlags = reader.u8('connectFlags')
  const hasUsername = reader.bit('usernameFlag', 0x80)
  const hasPassword = reader.bit('passwordFlag', 0x40)
  const willRetain = reader.bit('willRetain', 0x20)
  const willQos = reader.bits('willQos', 0x18)
  const hasWill = reader.bit('willFlag', 0x04)
  const cleanStart = reader.bit('cleanStart', 0x02)
  checkFlags(reader, connectFlags, version)
  const keepAlive = reader.u16('keepAlive')
  const properties = version === 5 ? readProperties(reader, CONNECT, side) : undefined

  const clientId = readString(reader, 'clientIdLength', 'clientId', version)
  checkClientId(reader, clientId, cleanStart, version)
  const willProperties = hasWill && version === 5 ? readProperties(reader, WILL, side, 'willProperties') : undefined
  const willTopic = hasWill
    ? readString(reader, 'willTopicLength', 'willTopic', version, 'willTopicWildcard')
    : undefined
  if (willTopic === '' && !reader.ranOut) {
    reader.flag('error', 'empty-topic', 'a will topic has at least one character', clause('emptyTopic', version))
  }
  const willPayload = hasWill ? readBinary(reader, 'willPayloadLength', 'willPayload') : undefined
  // MQTT 3.1 lets the remaining length overrule these two flags, for clients older than they are [3.1 §3.1].
  const relaxed = version === 3
  const username =
    hasUsername && !(relaxed && reader.remaining === 0)
      ? readString(reader, 'usernameLength', 'username', version)
      : undefined
  let password: Uint8Array | undefined
  if (hasPassword && !(relaxed && reader.remaining === 0)) {
    password = readBinary(reader, 'passwordLength', 'password')
    reader.secret()
  }
  return {
    type: 'connect',
    flags,
    remainingLength,
    protocolName,
    protocolVersion,
    bridge,
    cleanStart,
    keepAlive,
    properties,
    clientId,
    willTopic,
    willPayload,
    willQos: hasWill ? willQos : undefined,
    willRetain: hasWill ? willRetain : undefined,
    willProperties,
    username,
    password,
  }
}

function checkProtocol(reader: Reader, name: string, level: number, version: Version): void {
  if (reader.ranOut) return
  if (level < 3 || level > 5) {
    const message = `there is no MQTT of level ${level}: read as ${VERSION_NAMES[version]}`
    reader.flag('error', 'protocol-version', message, clause('protocolVersion', version))
  }
  const wanted = version === 3 ? 'MQIsdp' : 'MQTT'
  if (name !== wanted) {
    const message = `${VERSION_NAMES[version]} calls itself ${wanted}`
    reader.flag('error', 'protocol-name', message, clause('protocolName', version))
  }
}

function checkFlags(reader: Reader, flags: number, version: Version): void {
  const error = (code: string, message: string, rule: string | undefined) => {
    if (rule !== undefined) reader.flag('error', code, message, rule)
  }
  if ((flags & 0x01) !== 0) {
    error('reserved-connect-flag', 'the reserved connect flag is set', clause('connectReserved', version))
  }
  if ((flags & 0x04) === 0) {
    if ((flags & 0x18) !== 0) error('will-qos', 'a will QoS without a will', clause('willQosWithoutWill', version))
    if ((flags & 0x20) !== 0) {
      error('will-retain', 'will retain without a will', clause('willRetainWithoutWill', version))
    }
  } else if ((flags & 0x18) === 0x18) error('will-qos', 'there is no QoS 3', clause('willQos', version))
  if ((flags & 0xc0) === 0x40) {
    const message = 'a password without a user name'
    error('password-without-username', message, clause('passwordWithoutUsername', version))
  }
}

function checkClientId(reader: Reader, clientId: string, cleanStart: boolean, version: Version): void {
  if (reader.ranOut) return
  if (version === 3 && clientId.length > 23) {
    const message = 'a client identifier of more than 23 characters'
    reader.flag('note', 'long-client-id', message, clause('clientIdLength', version))
  }
  if (clientId === '' && (version === 3 || (version === 4 && !cleanStart))) {
    const message = version === 3 ? 'no client identifier' : 'no client identifier, and a session to keep'
    reader.flag('error', 'empty-client-id', message, clause('emptyClientId', version))
  }
}

/** 3.2 CONNACK. */
export function readConnack(reader: Reader, context: MqttContext, side: Side): Connack {
  const { version } = context
  const flags = readFlags(reader, version, side)
  const remainingLength = readRemainingLength(reader, version)
  const acknowledgeFlags = reader.u8('acknowledgeFlags')
  const sessionPresent = reader.bit('sessionPresent', 0x01)
  const reserved = clause('connackReserved', version)
  if (acknowledgeFlags > 1 && reserved !== undefined) {
    reader.flag('error', 'reserved-flags', 'reserved acknowledge flags are set', reserved)
  }
  const reasonCode = reader.u8('reasonCode')
  const form = connackForm(version, reasonCode)
  const reasonName = (form === 5 ? REASON_CODES.connack : RETURN_CODES).name(reasonCode)
  reader.label(reasonName)
  if (reasonName === undefined) {
    reader.flag('error', 'unknown-reason-code', `CONNACK has no code ${reasonCode}`, clause('connackCode', version))
  }
  const alone = clause('sessionPresent', version)
  if (sessionPresent && reasonCode !== 0 && alone !== undefined) {
    reader.flag('error', 'session-present', 'a session is present, yet the connection refused', alone)
  }
  const properties = form === 5 ? readProperties(reader, CONNACK, side) : undefined
  noteGuess(reader, context, VERSION_NAMES[form])
  return { type: 'connack', flags, remainingLength, sessionPresent, reasonCode, reasonName, properties }
}

/**
 * The version in which a CONNACK is written. A server refuses what it does not speak in what it speaks itself: the
 * codes of MQTT 3 and of MQTT 5 have no refusal in common.
 */
export function connackForm(version: Version, reasonCode: number): Version {
  if (reasonCode === 0) return version
  return reasonCode >= 0x80 ? 5 : version === 5 && reasonCode <= 5 ? 4 : version
}
