import { amqp10 } from './amqp10/index.ts'
import { amqp091 } from './amqp091/index.ts'
import { dtls } from './carriers/dtls/index.ts'
import { tls } from './carriers/tls/index.ts'
import { websocket } from './carriers/websocket/index.ts'
import { coap, coapTcp, coapWebSocket } from './coap/index.ts'
import type { AnyCarrier, AnyCodec } from './core/index.ts'
import { mqtt } from './mqtt/index.ts'
import { stomp } from './stomp/index.ts'

/** Every protocol, in the order in which detection asks them. Adding one is one folder and one line here. */
export const codecs: readonly AnyCodec[] = [amqp091, amqp10, mqtt, coap, coapTcp, coapWebSocket, stomp]

/** What protocols are carried in. */
export const carriers: readonly AnyCarrier[] = [tls, dtls, websocket]
