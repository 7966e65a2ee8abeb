import type { Codec, Dialogue, Packet } from '../core/index.ts'
import { comparison } from './comparison.ts'
import { delimit, lengthExtension } from './delimit.ts'
import { detectDatagram, detectReliable } from './detect.ts'
import { Capabilities, type Connection, type Framing } from './dialogue.ts'
import { drive, driveTcp, driveWebSocket } from './drive/index.ts'
import type { DatagramFrame, ReliableFrame } from './frames.ts'
import { mock } from './mock/index.ts'
import { playDatagrams, playReliable } from './play/index.ts'
import { readDatagram, readReliable, readWebSocket } from './read.ts'
import { resync } from './resync.ts'
import { rules } from './rules/index.ts'
import { datagramShapes, reliableShapes } from './shapes.ts'
import { destination, summary } from './summary.ts'
import { MESSAGE_TYPES, SIGNAL, SIGNAL_TYPES } from './tables.ts'
import { trackDatagrams, trackReliable } from './track/index.ts'
import { wireshark } from './wireshark.ts'
import { writeDatagram, writeReliable, writeWebSocket } from './write.ts'

export type { Connection } from './dialogue.ts'
export {
  type CoapFrame,
  type Content,
  Datagram,
  type DatagramFrame,
  Message,
  type ReliableFrame,
  Signal,
} from './frames.ts'
export { type Block, Option, type OptionValue, type Oscore } from './option.ts'
export { isCritical, isNoCacheKey, isUnsafe, type OptionDefinition, type OptionFormat } from './option-table.ts'
export { type OptionFields, Options, type PlainOption, type SignalFields } from './options.ts'
export { type CodeName, codeName, type MessageType, type SignalType } from './tables.ts'

/** Datagrams need nothing of each other to be read. */
const independent: Dialogue<null> = { context: () => null, follow: () => {} }

export const coap: Codec<DatagramFrame, null> = {
  id: 'coap',
  name: 'CoAP',
  spec: 'https://www.rfc-editor.org/rfc/rfc7252',
  transport: 'datagram',
  ports: [5683],
  schemes: [
    { scheme: 'coap', transport: 'udp', port: 5683, certain: true },
    { scheme: 'coaps', transport: 'dtls', port: 5684, certain: true },
  ],
  frames: datagramShapes,
  wireshark,
  detect: detectDatagram,
  dialogue: () => independent,
  delimit: (_bytes, start, end) => end - start,
  type: ({ buffer, start, end }) =>
    MESSAGE_TYPES[start < end ? ((buffer[start] as number) >> 4) & 3 : 0] as DatagramFrame['type'],
  read: readDatagram,
  write: writeDatagram,
  summary,
  destination,
  track: trackDatagrams,
  play: playDatagrams,
  mock,
  drive,
  rules,
  comparison,
}

const stream: Framing = {
  codeOf: ({ buffer, start, end }) => byteAt(buffer, start + 1 + lengthExtension((buffer[start] as number) >> 4), end),
  read: readReliable,
}

export const coapTcp: Codec<ReliableFrame, Connection> = {
  id: 'coap',
  name: 'CoAP over TCP',
  spec: 'https://www.rfc-editor.org/rfc/rfc8323',
  transport: 'stream',
  ports: [5683],
  schemes: [
    { scheme: 'coap+tcp', transport: 'tcp', port: 5683, certain: true },
    { scheme: 'coaps+tcp', transport: 'tls', port: 5684, certain: true },
  ],
  subprotocols: ['coap'],
  frames: reliableShapes,
  wireshark,
  detect: detectReliable,
  dialogue: joined => new Capabilities(joined, stream),
  delimit,
  resync,
  type: packet => reliableType(packet, stream),
  read: readReliable,
  write: writeReliable,
  summary,
  destination,
  track: trackReliable,
  play: playReliable,
  mock,
  drive: driveTcp,
  rules,
  comparison,
}

const messages: Framing = {
  codeOf: ({ buffer, start, end }) => byteAt(buffer, start + 1, end),
  read: readWebSocket,
}

/** For a carrier that delivers whole messages. Nothing but the carrier tells it from other bytes. */
export const coapWebSocket: Codec<ReliableFrame, Connection> = {
  ...coapTcp,
  name: 'CoAP over WebSocket',
  transport: 'message',
  ports: [],
  schemes: [],
  detect: () => 0,
  dialogue: joined => new Capabilities(joined, messages),
  delimit: (_bytes, start, end) => end - start,
  type: packet => reliableType(packet, messages),
  read: readWebSocket,
  write: writeWebSocket,
  drive: driveWebSocket,
}

const byteAt = (bytes: Uint8Array, at: number, end: number): number | undefined => (at < end ? bytes[at] : undefined)

function reliableType(packet: Packet<Connection>, framing: Framing): ReliableFrame['type'] {
  const code = framing.codeOf(packet)
  return code !== undefined && code >> 5 === SIGNAL ? (SIGNAL_TYPES[(code & 31) - 1] ?? 'message') : 'message'
}
