import type { Reader, Side } from '../core/index.ts'
import { type ClauseName, clause } from './clauses.ts'
import type { Suback, Subscribe, Subscription, Unsuback, Unsubscribe } from './frames.ts'
import { type MqttContext, noteGuess, readFlags, readPacketId, readRemainingLength } from './header.ts'
import { readString } from './primitives.ts'
import { readProperties } from './properties.ts'
import {
  REASON_CODES,
  SUBACK,
  SUBACK_CODES,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
  VERSION_NAMES,
  type Version,
} from './tables.ts'

/** 3.8 SUBSCRIBE. */
export function readSubscribe(reader: Reader, context: MqttContext, side: Side): Subscribe {
  const { version } = context
  const flags = readFlags(reader, version, side)
  const remainingLength = readRemainingLength(reader, version)
  const packetId = readPacketId(reader, version, 'packetId')
  const properties = version === 5 ? readProperties(reader, SUBSCRIBE, side) : undefined
  const subscriptions: Subscription[] = []
  reader.begin('subscriptions')
  while (reader.remaining > 0) subscriptions.push(readSubscription(reader, version))
  reader.done()
  if (subscriptions.length === 0)
    missing(reader, 'no-subscriptions', 'subscribes to nothing', 'noSubscriptions', version)
  noteGuess(reader, context, VERSION_NAMES[version])
  return { type: 'subscribe', flags, remainingLength, packetId, properties, subscriptions }
}

function readSubscription(reader: Reader, version: Version): Subscription {
  reader.begin('subscription')
  const topicFilter = readFilter(reader, version)
  const options = reader.u8('options')
  const qos = reader.bits('qos', 0x03)
  if (qos === 3) reader.flag('error', 'qos', 'there is no QoS 3', clause('requestedQos', version))
  if ((options & (version === 5 ? 0xc0 : 0xfc)) !== 0) {
    const rule = clause('subscribeReserved', version)
    if (rule !== undefined) reader.flag('error', 'reserved-options', 'reserved subscription options are set', rule)
  }
  if (version !== 5) {
    reader.done()
    return { topicFilter, qos }
  }
  const noLocal = reader.bit('noLocal', 0x04)
  const retainAsPublished = reader.bit('retainAsPublished', 0x08)
  const retainHandling = reader.bits('retainHandling', 0x30)
  if (retainHandling === 3) {
    reader.flag('error', 'retain-handling', 'there is no retain handling 3', clause('retainHandling', version))
  }
  if (noLocal && topicFilter.startsWith(SHARE)) {
    const message = 'no local on a shared subscription'
    reader.flag('error', 'shared-no-local', message, clause('sharedNoLocal', version))
  }
  reader.done()
  return { topicFilter, qos, noLocal, retainAsPublished, retainHandling }
}

const SHARE = '$share/'

/** 4.7 Topic filters, and 4.8.2 the shared ones of MQTT 5. */
function readFilter(reader: Reader, version: Version): string {
  const filter = readString(reader, 'topicFilterLength', 'topicFilter', version)
  if (reader.ranOut) return filter
  const error = (code: string, message: string, rule: ClauseName) =>
    reader.flag('error', code, message, clause(rule, version))
  if (filter === '') error('empty-topic', 'a topic filter has at least one character', 'emptyTopic')
  if (/#./su.test(filter) || /[^/]#/u.test(filter)) {
    error('topic-filter', '# stands alone in the last level of a filter', 'multiLevel')
  }
  if (/[^/]\+|\+[^/]/u.test(filter)) error('topic-filter', '+ stands alone in its level of a filter', 'singleLevel')
  if (version === 5 && filter.startsWith(SHARE)) {
    const end = filter.indexOf('/', SHARE.length)
    const name = filter.slice(SHARE.length, end < 0 ? undefined : end)
    if (name === '') error('topic-filter', 'a shared subscription has a share name', 'shareName')
    else if (/[+#]/.test(name) || end < 0 || end === filter.length - 1) {
      error('topic-filter', 'a share name holds no wildcard and is followed by a topic filter', 'shareFilter')
    }
  }
  return filter
}

function missing(reader: Reader, code: string, message: string, rule: ClauseName, version: Version): void {
  if (!reader.ranOut) reader.flag('error', code, message, clause(rule, version), reader.offset, reader.offset)
}

/** 3.9 SUBACK. */
export function readSuback(reader: Reader, context: MqttContext, side: Side): Suback {
  const { version } = context
  const flags = readFlags(reader, version, side)
  const remainingLength = readRemainingLength(reader, version)
  const packetId = readPacketId(reader, version, 'subscribedId')
  const properties = version === 5 ? readProperties(reader, SUBACK, side) : undefined
  const table = version === 5 ? REASON_CODES.suback : SUBACK_CODES
  const reasonCodes = readReasonCodes(reader, code => table.name(code), 'subackCode', version)
  if (reasonCodes.length === 0) missing(reader, 'no-reason-codes', 'answers no subscription', 'noSubackCodes', version)
  noteGuess(reader, context, VERSION_NAMES[version])
  return { type: 'suback', flags, remainingLength, packetId, properties, reasonCodes }
}

function readReasonCodes(
  reader: Reader,
  nameOf: (code: number) => string | undefined,
  rule: ClauseName,
  version: Version,
): number[] {
  const codes: number[] = []
  reader.begin('reasonCodes')
  while (reader.remaining > 0) {
    const code = reader.u8('reasonCode')
    const name = nameOf(code)
    reader.label(name)
    if (name === undefined) {
      reader.flag('error', 'unknown-reason-code', `there is no code ${code} here`, clause(rule, version))
    }
    codes.push(code)
  }
  reader.done()
  return codes
}

/** 3.10 UNSUBSCRIBE. */
export function readUnsubscribe(reader: Reader, context: MqttContext, side: Side): Unsubscribe {
  const { version } = context
  const flags = readFlags(reader, version, side)
  const remainingLength = readRemainingLength(reader, version)
  const packetId = readPacketId(reader, version, 'packetId')
  const properties = version === 5 ? readProperties(reader, UNSUBSCRIBE, side) : undefined
  const topicFilters: string[] = []
  reader.begin('topicFilters')
  while (reader.remaining > 0) topicFilters.push(readFilter(reader, version))
  reader.done()
  if (topicFilters.length === 0) {
    missing(reader, 'no-subscriptions', 'unsubscribes from nothing', 'noUnsubscriptions', version)
  }
  noteGuess(reader, context, VERSION_NAMES[version])
  return { type: 'unsubscribe', flags, remainingLength, packetId, properties, topicFilters }
}

/** 3.11 UNSUBACK: a bare packet identifier before MQTT 5. */
export function readUnsuback(reader: Reader, context: MqttContext, side: Side): Unsuback {
  const { version } = context
  const flags = readFlags(reader, version, side)
  const remainingLength = readRemainingLength(reader, version)
  const packetId = readPacketId(reader, version, 'subscribedId')
  noteGuess(reader, context, VERSION_NAMES[version])
  if (version !== 5) return { type: 'unsuback', flags, remainingLength, packetId }
  const properties = readProperties(reader, UNSUBACK, side)
  const table = REASON_CODES.unsuback
  const reasonCodes = readReasonCodes(reader, code => table.name(code), 'unsubackCode', version)
  if (reasonCodes.length === 0) {
    missing(reader, 'no-reason-codes', 'answers no topic filter', 'noUnsubackCodes', version)
  }
  return { type: 'unsuback', flags, remainingLength, packetId, properties, reasonCodes }
}
