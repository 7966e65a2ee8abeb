import mqttPacket from 'mqtt-packet'
import { Decoder, FrameReader, Writer } from '../../codecs/core/index.ts'
import { mqtt, type Publish } from '../../codecs/mqtt/index.ts'
import { compare, print } from '../pair.ts'

const COUNT = 500
const reader = new FrameReader()

for (const { title, version, size, properties } of [
  { title: '100 B', version: 4, size: 100, properties: false },
  { title: '10 kB', version: 4, size: 10_000, properties: false },
  { title: '100 B and 4 properties', version: 5, size: 100, properties: true },
] as const) {
  const packet = {
    cmd: 'publish',
    topic: 'sensors/hall-7/temperature',
    payload: Buffer.alloc(size, 0x61),
    qos: 1,
    messageId: 4711,
    dup: false,
    retain: false,
    ...(properties
      ? {
          properties: {
            messageExpiryInterval: 60,
            contentType: 'application/json',
            correlationData: Buffer.from('0123456789'),
            userProperties: { trace: '00-4bf92f3577b34da6a3ce929d0e0e4736' },
          },
        }
      : {}),
  } as const
  const options = { protocolVersion: version } as mqttPacket.IConnectPacket
  const connect = mqttPacket.generate({
    cmd: 'connect',
    clientId: 'bench',
    protocolId: 'MQTT',
    protocolVersion: version,
    clean: true,
    keepalive: 60,
  })
  const one = mqttPacket.generate(packet as unknown as mqttPacket.Packet, options)
  const chunk = Buffer.concat(Array.from({ length: size > 1000 ? 50 : COUNT }, () => one))

  const decoder = new Decoder(mqtt, 'client', mqtt.dialogue('start'))
  decoder.push(connect, 0)
  decoder.next()
  const each = (look: (decoded: ReturnType<Decoder['next']> & {}) => unknown) => () => {
    let count = 0
    decoder.push(chunk, 0)
    for (let next = decoder.next(); next !== undefined; next = decoder.next()) {
      look(next)
      count++
    }
    return count
  }
  const parser = mqttPacket.parser(options)
  let parsed = 0
  parser.on('packet', () => parsed++)
  parser.parse(connect)
  const theirs = {
    name: 'mqtt-packet parse',
    run: () => {
      parsed = 0
      parser.parse(chunk)
      return parsed
    },
  }
  const what = `MQTT ${version === 5 ? '5' : '3.1.1'} PUBLISH, ${title}`
  print(compare(`${what}: find the frames`, 'packets', { name: 'mqinspect cut', run: each(() => 0) }, theirs))
  print(compare(`${what}: read`, 'packets', { name: 'mqinspect read', run: each(p => reader.read(mqtt, p)) }, theirs))
  if (properties) {
    const deep = each(p => reader.read(mqtt, p, true))
    print(compare(`${what}: read with properties`, 'packets', { name: 'mqinspect read, deep', run: deep }, theirs))
  }

  const writer = new Writer()
  decoder.push(one, 0)
  const cut = decoder.next() as NonNullable<ReturnType<Decoder['next']>>
  const frame = reader.read(mqtt, cut as never, true).frame as Publish
  const ours = () => {
    for (let times = 0; times < COUNT; times++) {
      mqtt.write(writer, frame, cut.context as never)
      writer.reset()
    }
    return COUNT
  }
  const generate = () => {
    for (let times = 0; times < COUNT; times++) mqttPacket.generate(packet as unknown as mqttPacket.Packet, options)
    return COUNT
  }
  const peer = { name: 'mqtt-packet generate', run: generate }
  print(compare(`${what}: write`, 'packets', { name: 'mqinspect write', run: ours }, peer))
}
