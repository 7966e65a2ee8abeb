import type { Socket } from 'node:net'
import mqttPacket, { type Packet } from 'mqtt-packet'

/** The protocol level of MQTT 5 [MQTT-3.1.2.2]. */
export const LEVEL = 5
const NO_MATCHING_SUBSCRIBERS = 0x10

/** Stands in for a broker of MQTT 5, which the embedded one is not: takes what is published, and has no subscribers. */
export function answer(socket: Socket): void {
  const options = { protocolVersion: LEVEL } as mqttPacket.IConnectPacket
  const send = (packet: Packet) => socket.write(mqttPacket.generate(packet, options))
  const parser = mqttPacket.parser(options)
  parser.on('packet', packet => {
    switch (packet.cmd) {
      case 'connect':
        send({
          cmd: 'connack',
          sessionPresent: false,
          reasonCode: 0,
          properties: { receiveMaximum: 20, topicAliasMaximum: 10, serverKeepAlive: 30 },
        })
        break
      case 'publish':
        send({ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: NO_MATCHING_SUBSCRIBERS })
        break
      case 'disconnect':
        socket.end()
        break
    }
  })
  socket.on('data', data => parser.parse(data))
  socket.on('error', () => socket.destroy())
}
