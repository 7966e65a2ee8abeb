import { closeSync, openSync, writeSync } from 'node:fs'
import { type AmqpFrame, amqp091, type Context, Table } from '../codecs/amqp091/index.ts'
import { type Side, Writer } from '../codecs/core/index.ts'
import { type MqttContext, type MqttFrame, mqtt } from '../codecs/mqtt/index.ts'

/** Captures as large as one likes: of two busy connections, or of very many that say little. */

const SYN = 2
const PSH_ACK = 0x18
/** As much as is written to the file at once. */
const BLOCK = 1 << 20
/** 127.0.0.0 */
const LOOPBACK = 0x7f000000
/** Time between packets, in microseconds. */
const STEP = 50

/** One direction of a connection, as far as its next segment needs to know. */
interface Direction {
  /** The sender's address, in 127.0.0.0/8. */
  readonly host: number
  readonly from: number
  readonly to: number
  sequence: number
}

/** A pcap file of raw IPv4 packets (LINKTYPE_RAW), being written. */
class Pcap {
  packets = 0
  readonly #file: number
  readonly #block = Buffer.alloc(BLOCK)
  #at = 24

  constructor(path: string) {
    this.#file = openSync(path, 'w')
    this.#block.writeUInt32LE(0xa1b2c3d4, 0)
    this.#block.writeUInt16LE(2, 4)
    this.#block.writeUInt16LE(4, 6)
    this.#block.writeUInt32LE(65_535, 16)
    this.#block.writeUInt32LE(101, 20)
  }

  segment(own: Direction, peer: Direction, flags: number, payload: Uint8Array): void {
    const size = 40 + payload.length
    if (this.#at + 16 + size > BLOCK) this.#flush()
    const block = this.#block
    const micros = this.packets++ * STEP
    block.writeUInt32LE(1_700_000_000 + Math.floor(micros / 1e6), this.#at)
    block.writeUInt32LE(micros % 1e6, this.#at + 4)
    block.writeUInt32LE(size, this.#at + 8)
    block.writeUInt32LE(size, this.#at + 12)
    const ip = this.#at + 16
    block.set([0x45, 0, size >> 8, size & 255, 0, 0, 0x40, 0, 64, 6, 0, 0], ip)
    block.writeUInt32BE(LOOPBACK + own.host, ip + 12)
    block.writeUInt32BE(LOOPBACK + peer.host, ip + 16)
    const tcp = ip + 20
    block.writeUInt16BE(own.from, tcp)
    block.writeUInt16BE(own.to, tcp + 2)
    block.writeUInt32BE(own.sequence, tcp + 4)
    block.writeUInt32BE(flags === SYN ? 0 : peer.sequence, tcp + 8)
    block.set([0x50, flags, 0xff, 0xff, 0, 0, 0, 0], tcp + 12)
    block.set(payload, tcp + 20)
    this.#at += 16 + size
    own.sequence = (own.sequence + payload.length + (flags & SYN ? 1 : 0)) >>> 0
  }

  end(): void {
    this.#flush()
    closeSync(this.#file)
  }

  #flush(): void {
    writeSync(this.#file, this.#block, 0, this.#at)
    this.#at = 0
  }
}

const nothing = new Uint8Array(0)

/** Connections of one client: those after go on at the next address. */
const PER_HOST = 10_000

/** A connection to `port`, the nth, opened: what it is given, it sends in one segment. */
function connection<F>(pcap: Pcap, port: number, write: (writer: Writer, frame: F) => void, nth = 0) {
  const from = 40_000 + (nth % PER_HOST)
  const client: Direction = { host: 1 + Math.floor(nth / PER_HOST), from, to: port, sequence: 1 }
  const server: Direction = { host: 1, from: port, to: from, sequence: 1 }
  pcap.segment(client, server, SYN, nothing)
  pcap.segment(server, client, SYN | 0x10, nothing)
  const writer = new Writer()
  return (side: Side, ...frames: readonly F[]): void => {
    for (const frame of frames) write(writer, frame)
    const [own, peer] = side === 'client' ? [client, server] : [server, client]
    pcap.segment(own, peer, PSH_ACK, writer.take())
  }
}

const HEADERS = Table.of({ tenant: 'acme', attempt: 2, traced: true })
const BODY = new TextEncoder().encode(
  JSON.stringify({ order: 4711, items: ['bolt', 'nut'], total: 12.5, city: 'Bonn' }),
)
const UNSETTLED = amqp091.dialogue('start').context('client', nothing, 0, 0, true) as Context
const V4: MqttContext = { version: 4, guessed: false, topic: undefined }

const writeAmqp = (writer: Writer, frame: AmqpFrame): void => amqp091.write(writer, frame, UNSETTLED)
const writeMqtt = (writer: Writer, frame: MqttFrame): void => mqtt.write(writer, frame, V4)

/** Writes a capture of about `packets` packets to `path`, of two connections; returns how many there are. */
export function writeTraffic(path: string, packets: number): number {
  const pcap = new Pcap(path)
  const amqp = connection(pcap, 5672, writeAmqp)
  const things = connection(pcap, 1883, writeMqtt)
  amqp('client', PROTOCOL_HEADER)
  things('client', connect('bench'))
  for (let count = 1; pcap.packets < packets; count++) {
    const routingKey = `eu.new.${count % 50}`
    const properties = { contentType: 'application/json', headers: HEADERS, deliveryMode: 2, messageId: `msg-${count}` }
    amqp(
      'client',
      { type: 'basic.publish', channel: 1, exchange: 'orders', routingKey, mandatory: false, immediate: false },
      { type: 'header', channel: 1, classId: 60, bodySize: BODY.length, properties },
      { type: 'body', channel: 1, body: BODY },
    )
    amqp('server', { type: 'basic.ack', channel: 1, deliveryTag: count, multiple: false })
    const packetId = (count % 65_535) + 1
    const topic = `sensors/hall-${count % 50}/temperature`
    const publish = { type: 'publish', dup: false, qos: 1, retain: false, topic, packetId, payload: BODY }
    things('client', publish as MqttFrame)
    things('server', { type: 'puback', packetId } as MqttFrame)
  }
  pcap.end()
  return pcap.packets
}

const PROTOCOL_HEADER: AmqpFrame = { type: 'protocol-header', protocolId: 0, major: 0, minor: 9, revision: 1 }
const connect = (clientId: string): MqttFrame =>
  ({
    type: 'connect',
    protocolName: 'MQTT',
    protocolVersion: 4,
    cleanStart: true,
    keepAlive: 60,
    clientId,
  }) as MqttFrame

/** What a connection that then falls silent has said, by protocol. */
export const OPENINGS = {
  mqtt: (pcap: Pcap, nth: number) => {
    const say = connection(pcap, 1883, writeMqtt, nth)
    const topic = `devices/${nth}/state`
    say('client', connect(`device-${nth}`))
    say('server', { type: 'connack', sessionPresent: false, reasonCode: 0 })
    say('client', { type: 'subscribe', packetId: 1, subscriptions: [{ topicFilter: `devices/${nth}/set`, qos: 1 }] })
    say('server', { type: 'suback', packetId: 1, reasonCodes: [1] })
    say('client', { type: 'publish', dup: false, qos: 1, retain: false, topic, packetId: 2, payload: BODY })
    say('server', { type: 'puback', packetId: 2 })
  },
  amqp091: (pcap: Pcap, nth: number) => {
    const say = connection(pcap, 5672, writeAmqp, nth)
    const settings = { channelMax: 2047, frameMax: 131_072, heartbeat: 60 }
    const response = new TextEncoder().encode('\0user\0secret')
    const properties = Table.of({ product: 'bench' })
    say('client', PROTOCOL_HEADER)
    say('server', {
      type: 'connection.start',
      channel: 0,
      versionMajor: 0,
      versionMinor: 9,
      serverProperties: properties,
      mechanisms: 'PLAIN',
      locales: 'en_US',
    })
    say('client', {
      type: 'connection.start-ok',
      channel: 0,
      clientProperties: properties,
      mechanism: 'PLAIN',
      response,
      locale: 'en_US',
    })
    say('server', { type: 'connection.tune', channel: 0, ...settings })
    say('client', { type: 'connection.tune-ok', channel: 0, ...settings })
    say('client', { type: 'connection.open', channel: 0, virtualHost: '/' })
    say('server', { type: 'connection.open-ok', channel: 0 })
    say('client', { type: 'channel.open', channel: 1 })
    say('server', { type: 'channel.open-ok', channel: 1 })
  },
} as const satisfies Record<string, (pcap: Pcap, nth: number) => void>

export type Opening = keyof typeof OPENINGS

/** Writes a capture of connections to `path` that are all still open at its end. */
export function writeConnections(path: string, protocol: Opening, count: number): void {
  const pcap = new Pcap(path)
  for (let nth = 0; nth < count; nth++) OPENINGS[protocol](pcap, nth)
  pcap.end()
}
