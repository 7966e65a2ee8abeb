import type { Writer } from '../core/index.ts'
import { connackForm } from './connect.ts'
import type { Acknowledgement, Auth, Connack, Connect, Disconnect, MqttFrame, Publish, Subscription } from './frames.ts'
import type { MqttContext } from './header.ts'
import { beginSection, finishSection, writeBinary, writeString } from './primitives.ts'
import { writeProperties } from './properties.ts'
import { BRIDGE } from './scan.ts'
import { flagsOf, PUBLISH, TYPES, type Version } from './tables.ts'

const codes: Readonly<Record<string, number>> = Object.fromEntries(TYPES.map((type, code) => [type, code]))

export function writePacket(writer: Writer, frame: MqttFrame, context: MqttContext): void {
  if (frame.type === 'publish') {
    writePublish(writer, frame, context.version)
    return
  }
  const code = codes[frame.type] as number
  writer.u8((code << 4) | (frame.flags ?? flagsOf(code)))
  const start = beginSection(writer, 0)
  writeBody(writer, frame, context.version)
  finishSection(writer, start, 0)
}

function writePublish(writer: Writer, frame: Publish, version: Version): void {
  const { payload, qos } = frame
  const topic = frame.aliased === true ? '' : frame.topic
  writer.u8((PUBLISH << 4) | (frame.dup ? 8 : 0) | (qos << 1) | (frame.retain ? 1 : 0))
  const least = 2 + topic.length + (qos > 0 ? 2 : 0) + payload.length
  const start = beginSection(writer, least)
  writeString(writer, topic)
  if (qos > 0) writer.u16(frame.packetId ?? 0)
  if (version === 5) writeProperties(writer, frame.properties)
  writer.raw(payload)
  finishSection(writer, start, least)
}

function writeBody(writer: Writer, frame: Exclude<MqttFrame, Publish>, version: Version): void {
  switch (frame.type) {
    case 'connect':
      writeConnect(writer, frame)
      break
    case 'connack':
      writeConnack(writer, frame, version)
      break
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      writer.u16(frame.packetId)
      writeReason(writer, frame, version)
      break
    case 'subscribe':
      writer.u16(frame.packetId)
      if (version === 5) writeProperties(writer, frame.properties)
      for (const subscription of frame.subscriptions) writeSubscription(writer, subscription, version)
      break
    case 'suback':
      writer.u16(frame.packetId)
      if (version === 5) writeProperties(writer, frame.properties)
      for (const reasonCode of frame.reasonCodes) writer.u8(reasonCode)
      break
    case 'unsubscribe':
      writer.u16(frame.packetId)
      if (version === 5) writeProperties(writer, frame.properties)
      for (const topicFilter of frame.topicFilters) writeString(writer, topicFilter)
      break
    case 'unsuback':
      writer.u16(frame.packetId)
      if (version !== 5) break
      writeProperties(writer, frame.properties)
      for (const reasonCode of frame.reasonCodes ?? []) writer.u8(reasonCode)
      break
    case 'disconnect':
      writeReason(writer, frame, version)
      break
    case 'auth':
      writeReason(writer, frame, 5)
      break
    default:
      // PINGREQ and PINGRESP have no body.
      break
  }
}

function writeConnect(writer: Writer, frame: Connect): void {
  const { protocolVersion: level, properties } = frame
  const version = level <= 3 ? 3 : level <= 5 ? level : properties === undefined ? 4 : 5
  writeString(writer, frame.protocolName)
  writer.u8(level | (frame.bridge === true ? BRIDGE : 0))
  let flags = frame.cleanStart ? 0x02 : 0
  if (frame.username !== undefined) flags |= 0x80
  if (frame.password !== undefined) flags |= 0x40
  if (frame.willTopic !== undefined) {
    flags |= 0x04 | ((frame.willQos ?? 0) << 3) | (frame.willRetain === true ? 0x20 : 0)
  }
  writer.u8(flags)
  writer.u16(frame.keepAlive)
  if (version === 5) writeProperties(writer, properties)
  writeString(writer, frame.clientId)
  if (frame.willTopic !== undefined) {
    if (version === 5) writeProperties(writer, frame.willProperties)
    writeString(writer, frame.willTopic)
    writeBinary(writer, frame.willPayload ?? empty)
  }
  if (frame.username !== undefined) writeString(writer, frame.username)
  if (frame.password !== undefined) writeBinary(writer, frame.password)
}

function writeConnack(writer: Writer, frame: Connack, version: Version): void {
  writer.u8(frame.sessionPresent ? 1 : 0)
  writer.u8(frame.reasonCode)
  if (connackForm(version, frame.reasonCode) === 5) writeProperties(writer, frame.properties)
}

/** Leaves out what the frame leaves out, from the end on. */
function writeReason(writer: Writer, frame: Acknowledgement | Disconnect | Auth, version: Version): void {
  if (version !== 5 || (frame.reasonCode === undefined && frame.properties === undefined)) return
  writer.u8(frame.reasonCode ?? 0)
  if (frame.properties !== undefined) writeProperties(writer, frame.properties)
}

function writeSubscription(writer: Writer, subscription: Subscription, version: Version): void {
  writeString(writer, subscription.topicFilter)
  let options = subscription.qos
  if (version === 5) {
    if (subscription.noLocal === true) options |= 0x04
    if (subscription.retainAsPublished === true) options |= 0x08
    options |= (subscription.retainHandling ?? 0) << 4
  }
  writer.u8(options)
}

const empty: Uint8Array = new Uint8Array(0)
