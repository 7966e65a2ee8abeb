import { codeTable } from '../../core/index.ts'

/** RFC 6455 §11.8. */
export const opcodes = codeTable({
  0: 'continuation',
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
})

/** Opcodes from here on are control frames: never fragmented, and short (RFC 6455 §5.5). */
export const FIRST_CONTROL = 0x8
export const MOST_CONTROL = 125

/** RFC 6455 §7.4.1, and those registered since. */
export const closeCodes = codeTable({
  1000: 'normal closure',
  1001: 'going away',
  1002: 'protocol error',
  1003: 'unsupported data',
  1005: 'no status received',
  1006: 'abnormal closure',
  1007: 'invalid frame payload data',
  1008: 'policy violation',
  1009: 'message too big',
  1010: 'mandatory extension',
  1011: 'internal error',
  1012: 'service restart',
  1013: 'try again later',
  1014: 'bad gateway',
  1015: 'TLS handshake failed',
})

/**
 * What names a subprotocol, in lower case: registered (RFC 6455 §11.5), or in wide use without. Browsers can send no
 * headers of their own, so that applications put tokens beside these.
 */
export const subprotocols: ReadonlySet<string> = new Set(
  `mqtt mqttv3.1 amqp v10.stomp v11.stomp v12.stomp stomp coap wamp wamp.2.json wamp.2.msgpack wamp.2.cbor
  mbws.huawei.com mblws.huawei.com soap sip xmpp msrp rfb bfcp clue t140 jmap jsflow transit ship
  ocpp1.2 ocpp1.5 ocpp1.6 ocpp2.0 ocpp2.0.1 ocpp2.1 opcua+uacp opcua+uajson v1.usp
  onem2m.r2.0.json onem2m.r2.0.xml onem2m.r2.0.cbor hub.bsc.bacnet.org dc.bsc.bacnet.org
  text.ircv3.net binary.ircv3.net graphql-ws graphql-transport-ws`.split(/\s+/),
)
