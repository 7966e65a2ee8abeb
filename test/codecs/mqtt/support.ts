import { FrameReader, Packet, type Side, Writer } from '../../../codecs/core/index.ts'
import { type Connect, type MqttContext, type MqttFrame, mqtt } from '../../../codecs/mqtt/index.ts'
import type { Version } from './arbitraries.ts'

export const contextOf = (version: Version): MqttContext => ({ version, guessed: false, topic: undefined })

export const CONNECT: Connect = {
  type: 'connect',
  protocolName: 'MQTT',
  protocolVersion: 5,
  cleanStart: true,
  keepAlive: 60,
  clientId: 'probe',
  properties: {},
}

const reader = new FrameReader()
const writer = new Writer()

export const packetOf = (bytes: Uint8Array, version: Version, side: Side): Packet<MqttContext> =>
  new Packet('frame', side, 0, 0, 0, bytes, 0, bytes.length, bytes.length, contextOf(version), [])

export function write(frame: MqttFrame, version: Version): Uint8Array {
  mqtt.write(writer, frame, contextOf(version))
  return writer.take()
}

/** Reads one packet deeply: what it says, and what is wrong with it. */
export function read(bytes: Uint8Array, version: Version, side: Side) {
  const { frame, diagnostics } = reader.read(mqtt, packetOf(bytes, version, side), true)
  return { frame, diagnostics }
}

/** Who may send a frame of this type. */
export const senderOf = (type: string): Side =>
  ['connack', 'suback', 'unsuback', 'pingresp', 'publish'].includes(type) ? 'server' : 'client'

/** A frame's fields as the shape names them, without those that are not there. */
export function plain(frame: MqttFrame): Record<string, unknown> {
  const values = frame as unknown as Record<string, unknown>
  const fields = Object.keys(mqtt.frames[frame.type].fields)
  return Object.fromEntries(
    fields.map(name => [name, values[name]] as const).filter(([, value]) => value !== undefined),
  )
}

export const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'))
