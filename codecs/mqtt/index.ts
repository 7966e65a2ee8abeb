import type { Codec, Facts } from '../core/index.ts'
import { comparison } from './comparison.ts'
import { delimitPacket } from './delimit.ts'
import { detectMqtt } from './detect.ts'
import { MqttDialogue } from './dialogue.ts'
import { drive } from './drive/index.ts'
import type { MqttFrame } from './frames.ts'
import type { MqttContext } from './header.ts'
import { mock } from './mock/index.ts'
import { play } from './play/index.ts'
import { readPacket } from './read.ts'
import { resyncPackets } from './resync.ts'
import { rules } from './rules/index.ts'
import { SHAPES } from './shapes.ts'
import { summarize } from './summary.ts'
import { type PacketType, TYPES, VERSION_NAMES, type Version } from './tables.ts'
import { track } from './track/index.ts'
import { wireshark } from './wireshark.ts'
import { writePacket } from './write.ts'

export type * from './frames.ts'
export type { MqttContext } from './header.ts'
export type { Properties, UserProperty } from './properties.ts'

export const mqtt: Codec<MqttFrame, MqttContext> = {
  id: 'mqtt',
  name: 'MQTT',
  spec: 'https://docs.oasis-open.org/mqtt/mqtt/v5.0/mqtt-v5.0.html',
  transport: 'stream',
  ports: [1883, 8883],
  schemes: [
    { scheme: 'mqtt', transport: 'tcp', port: 1883, certain: true },
    { scheme: 'mqtts', transport: 'tls', port: 8883, certain: true },
  ],
  subprotocols: ['mqtt', 'mqttv3.1'],
  frames: SHAPES,
  wireshark,
  detect: detectMqtt,
  dialogue: joined => new MqttDialogue(joined),
  delimit: delimitPacket,
  resync: resyncPackets,
  type: packet => TYPES[(packet.buffer[packet.start] as number) >> 4] as PacketType,
  read: readPacket,
  write: writePacket,
  summary: summarize,
  destination: frame => (frame.type === 'publish' && frame.topic !== '' ? frame.topic : undefined),
  destined: new Set(['publish'] as const),
  facts,
  track,
  play,
  mock,
  drive,
  comparison,
  rules,
}

function facts(frame: MqttFrame): Facts | undefined {
  if (frame.type === 'connect') {
    const { clientId, username, protocolVersion } = frame
    const version = VERSION_NAMES[protocolVersion as Version]
    return {
      ...(version === undefined ? {} : { protocolVersion: version }),
      ...(clientId === '' ? {} : { clientId }),
      ...(username === undefined ? {} : { user: username }),
    }
  }
  if (frame.type !== 'connack') return undefined
  const clientId = frame.properties?.assignedClientIdentifier
  return clientId === undefined ? undefined : { clientId }
}
