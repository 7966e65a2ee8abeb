/**
 * A peer that is no limit: it takes messages, acknowledges them, and does nothing else. It runs in a process of its own,
 * so that what it costs is not the generator's.
 *
 *     node bench/load/sink.ts PROTOCOL      prints its port
 */
import { createSocket } from 'node:dgram'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type Context as Amqp10Context, type Amqp10Frame, amqp10 } from '../../codecs/amqp10/index.ts'
import { type AmqpFrame, amqp091, type Context, Table } from '../../codecs/amqp091/index.ts'
import { type AnyCodec, converse, type Packet, Reader, u16At, u32At, Writer } from '../../codecs/core/index.ts'
import { type MqttContext, type MqttFrame, mqtt } from '../../codecs/mqtt/index.ts'
import { stomp } from '../../codecs/stomp/index.ts'
import { countOf, Feed } from './feed.ts'

/** What answers one connection: packets of the client, and the end of each chunk. */
interface Answering {
  hear(packet: Packet): void
  /** All that came at once is heard: what can be acknowledged together is. */
  chunk(): void
}

const reader = new Reader()

/** What consumers get. */
const MESSAGE = new Uint8Array(100).fill(120)
/** As a data section [AMQP 1.0, 3.2.6]. */
const DATA = Uint8Array.of(0x00, 0x53, 0x75, 0xa0, MESSAGE.length, ...MESSAGE)
/** Messages that may be sent and not acknowledged, where nobody says. */
const WINDOW = 1000

const writer = new Writer()

function encoded<F>(codec: AnyCodec, context: unknown, ...frames: readonly F[]): Buffer {
  for (const frame of frames) codec.write(writer, frame as never, context)
  return Buffer.from(writer.take())
}

/** Frames of a codec, as bytes; read by the conversation too, where what follows depends on them. */
function speaker<F>(codec: AnyCodec, send: (bytes: Uint8Array) => void, context: unknown) {
  return (...frames: readonly F[]): void => send(encoded(codec, context, ...frames))
}

function answerMqtt(send: (bytes: Uint8Array) => void, socket: Socket): Answering {
  const acks = Buffer.alloc(1 << 20)
  let length = 0
  let feed: Feed | undefined
  let taken = 0
  return {
    hear: packet => {
      const { buffer, start } = packet
      const first = buffer[start] as number
      if (first >> 4 === PUBLISH) {
        if ((first & 6) === 0) return
        // Remaining Length is of one or two bytes, as long as a message is below 16 kB.
        const topicAt = start + ((buffer[start + 1] as number) < 128 ? 2 : 3)
        length = acks.writeUInt16BE(PUBACK, length)
        length = acks.writeUInt16BE(u16At(buffer, topicAt + 2 + u16At(buffer, topicAt)), length)
        return
      }
      if (first >> 4 === PUBACK >> 12) {
        taken++
        return
      }
      const context = packet.context as MqttContext
      const frame = mqtt.read(reader.open(packet), context, 'client')
      const say = speaker<MqttFrame>(mqtt, send, context)
      if (frame.type === 'connect') {
        say({
          type: 'connack',
          sessionPresent: false,
          reasonCode: 0,
          ...(context.version === 5 ? { properties: {} } : {}),
        })
      } else if (frame.type === 'subscribe') {
        const { packetId, subscriptions } = frame
        const [{ topicFilter: topic, qos } = { topicFilter: '', qos: 0 }] = subscriptions
        say({ type: 'suback', packetId, properties: {}, reasonCodes: [qos] })
        const bytes = encoded<MqttFrame>(mqtt, context, {
          type: 'publish',
          dup: false,
          qos: qos === 0 ? 0 : 1,
          retain: false,
          topic,
          packetId: 1,
          properties: {},
          payload: MESSAGE,
        })
        const idAt = 4 + topic.length
        feed = new Feed(socket, countOf(topic), number => {
          if (qos > 0) bytes.writeUInt16BE(1 + (number % MOST_IDS), idAt)
          return bytes
        })
        feed.grant(qos === 0 ? MUCH : WINDOW)
      } else if (frame.type === 'pingreq') say({ type: 'pingresp' })
    },
    chunk: () => {
      if (taken > 0) feed?.grant(taken + WINDOW)
      if (length === 0) return
      send(Buffer.from(acks.subarray(0, length)))
      length = 0
    },
  }
}
const PUBLISH = 3
/** Packet identifiers that are used in turn, far more than are under way. */
const MOST_IDS = 60_000
const PUBACK = 0x4002

function answerAmqp091(send: (bytes: Uint8Array) => void, socket: Socket): Answering {
  const say = speaker<AmqpFrame>(amqp091, send, undefined)
  let confirms = 0
  let [published, acknowledged] = [0, 0]
  return {
    hear: packet => {
      const { buffer, start } = packet
      if (buffer[start] === HEADER || buffer[start] === BODY) return
      if (buffer[start] === METHOD && u32At(buffer, start + 7) === BASIC_PUBLISH) {
        published++
        return
      }
      const frame = amqp091.read(reader.open(packet), packet.context as Context, 'client')
      const { channel } = frame as { channel: number }
      if (frame.type === 'protocol-header') {
        const serverProperties = Table.of({ capabilities: Table.of({ publisher_confirms: true, 'basic.nack': true }) })
        const mechanisms = new TextEncoder().encode('PLAIN')
        const locales = new TextEncoder().encode('en_US')
        say({
          type: 'connection.start',
          channel: 0,
          versionMajor: 0,
          versionMinor: 9,
          serverProperties,
          mechanisms,
          locales,
        })
      } else if (frame.type === 'connection.start-ok') {
        say({ type: 'connection.tune', channel: 0, channelMax: 2047, frameMax: 131_072, heartbeat: 0 })
      } else if (frame.type === 'queue.declare') {
        say({ type: 'queue.declare-ok', channel, queue: frame.queue, messageCount: 0, consumerCount: 0 })
      } else if (frame.type === 'channel.open') say({ type: 'channel.open-ok', channel, channelId: new Uint8Array(0) })
      else if (frame.type === 'connection.open') say({ type: 'connection.open-ok', channel, knownHosts: '' })
      else if (frame.type === 'confirm.select') {
        confirms = channel
        say({ type: 'confirm.select-ok', channel })
      } else if (frame.type === 'basic.qos') say({ type: 'basic.qos-ok', channel })
      else if (frame.type === 'basic.consume') {
        const consumerTag = String(frame.consumerTag) || 'c'
        say({ type: 'basic.consume-ok', channel, consumerTag })
        const bytes = encoded<AmqpFrame>(
          amqp091,
          packet.context,
          {
            type: 'basic.deliver',
            channel,
            consumerTag,
            deliveryTag: 0,
            redelivered: false,
            exchange: '',
            routingKey: 'q',
          },
          { type: 'header', channel, classId: 60, weight: 0, bodySize: MESSAGE.length, properties: {} },
          { type: 'body', channel, body: MESSAGE },
        )
        const tagAt = 12 + consumerTag.length
        new Feed(socket, countOf(String(frame.queue)), number => {
          bytes.writeUInt32BE(number + 1, tagAt + 4)
          return bytes
        }).grant(MUCH)
      } else if (frame.type === 'channel.close') say({ type: 'channel.close-ok', channel })
      else if (frame.type === 'connection.close') say({ type: 'connection.close-ok', channel })
    },
    chunk: () => {
      if (confirms === 0 || acknowledged === published) return
      acknowledged = published
      say({ type: 'basic.ack', channel: confirms, deliveryTag: published, multiple: true })
    },
  }
}
const [METHOD, HEADER, BODY, BASIC_PUBLISH] = [1, 2, 3, 0x003c_0028]

function answerAmqp10(send: (bytes: Uint8Array) => void, socket: Socket): Answering {
  const say = speaker<Amqp10Frame>(amqp10, send, undefined)
  let [came, acknowledged, granted] = [0, 0, 0]
  let handle = 0
  let feed: Feed | undefined
  const grant = (): void => {
    granted = came
    const windows = { nextIncomingId: came, incomingWindow: MUCH, nextOutgoingId: 0, outgoingWindow: MUCH }
    say({ type: 'flow', channel: 0, ...windows, handle, deliveryCount: came, linkCredit: CREDIT })
  }
  return {
    hear: packet => {
      if (amqp10.type(packet as Packet<Amqp10Context>) === 'transfer') {
        came++
        return
      }
      const frame = amqp10.read(reader.open(packet), packet.context as Amqp10Context, 'client')
      switch (frame.type) {
        case 'protocol-header':
          say(frame)
          if (frame.protocolId === SASL) say({ type: 'sasl-mechanisms', saslServerMechanisms: ['ANONYMOUS', 'PLAIN'] })
          break
        case 'sasl-init':
          say({ type: 'sasl-outcome', code: 0 })
          break
        case 'open':
          say({ type: 'open', channel: 0, containerId: 'sink' })
          break
        case 'begin': {
          const windows = { nextOutgoingId: 0, incomingWindow: MUCH, outgoingWindow: MUCH }
          say({ type: 'begin', channel: 0, remoteChannel: frame.channel, ...windows })
          break
        }
        case 'attach': {
          handle = frame.handle
          const { name, source, target } = frame
          if (frame.role === 'receiver') {
            say({ type: 'attach', channel: 0, name, handle, role: 'sender', source, target, initialDeliveryCount: 0 })
            const { address } = source as { readonly address: string }
            feed = new Feed(socket, countOf(address), number =>
              encoded<Amqp10Frame>(amqp10, packet.context, {
                type: 'transfer',
                channel: 0,
                handle,
                deliveryId: number,
                deliveryTag: Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number),
                messageFormat: 0,
                payload: DATA,
              }),
            )
            break
          }
          say({ type: 'attach', channel: 0, name, handle, role: 'receiver', source, target })
          grant()
          break
        }
        case 'flow':
          feed?.grant((frame.deliveryCount ?? 0) + (frame.linkCredit ?? 0))
          break
        case 'detach':
          say({ type: 'detach', channel: 0, handle: frame.handle, closed: true })
          break
        case 'end':
        case 'close':
          say({ type: frame.type, channel: 0 })
          break
      }
    },
    chunk: () => {
      if (acknowledged === came) return
      // Both count deliveries from 0.
      const [first, last] = [acknowledged, came - 1]
      say({
        type: 'disposition',
        channel: 0,
        role: 'receiver',
        first,
        last,
        settled: true,
        state: { type: 'accepted' },
      })
      acknowledged = came
      if (came - granted > CREDIT / 2) grant()
    },
  }
}
const SASL = 3
const MUCH = 0x7fff_ffff
const CREDIT = 1000

function answerStomp(send: (bytes: Uint8Array) => void): Answering {
  let receipts = ''
  return {
    hear: ({ buffer, start, end }) => {
      const bytes = Buffer.from(buffer.buffer, buffer.byteOffset + start, end - start)
      const front = bytes.toString('latin1', 0, 200)
      if (/^\s*(CONNECT|STOMP)\n/.test(front)) receipts += 'CONNECTED\nversion:1.2\nheart-beat:0,0\n\n\0'
      const at = front.indexOf(RECEIPT)
      if (at < 0) return
      receipts += `RECEIPT\nreceipt-id:${front.slice(at + RECEIPT.length, front.indexOf('\n', at + 1))}\n\n\0`
    },
    chunk: () => {
      if (receipts !== '') send(Buffer.from(receipts))
      receipts = ''
    },
  }
}
const RECEIPT = '\nreceipt:'

/** RFC 7252 §5.2.1: each request is answered in its acknowledgement, 2.04; §4.3: a ping, with a Reset. */
function sinkCoap(): void {
  const socket = createSocket('udp4')
  socket.on('message', (bytes, from) => {
    const tokenLength = (bytes[0] as number) & 15
    const answer = Buffer.from(bytes.subarray(0, 4 + tokenLength))
    const isPing = bytes[1] === 0
    answer[0] = (isPing ? RESET : ACKNOWLEDGEMENT) | tokenLength
    answer[1] = isPing ? 0 : CHANGED
    socket.send(answer, from.port, from.address)
  })
  socket.bind(0, '127.0.0.1', () => console.log(socket.address().port))
}

const [ACKNOWLEDGEMENT, RESET, CHANGED] = [0x60, 0x70, 0x44]

type Streamed = readonly [AnyCodec, (send: (bytes: Uint8Array) => void, socket: Socket) => Answering]

const SINKS: Readonly<Record<string, Streamed>> = {
  mqtt: [mqtt, answerMqtt],
  amqp091: [amqp091, answerAmqp091],
  amqp10: [amqp10, answerAmqp10],
  stomp: [stomp, answerStomp],
}

function serve([codec, answering]: Streamed, socket: Socket): void {
  const conversation = converse(codec)
  const send = (bytes: Uint8Array): void => {
    socket.write(bytes)
  }
  const answers = answering(send, socket)
  socket.setNoDelay()
  socket.on('data', bytes => {
    conversation.push('client', bytes, 0)
    for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) answers.hear(packet)
    answers.chunk()
  })
  socket.on('end', () => socket.end())
  socket.on('error', () => socket.destroy())
}

const [, , protocol = ''] = process.argv
const sink = SINKS[protocol]
if (sink === undefined) sinkCoap()
else {
  const server = createServer({ allowHalfOpen: true }, socket => serve(sink, socket))
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
    console.log((server.address() as AddressInfo).port),
  )
}
