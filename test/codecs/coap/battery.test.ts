import { coap, coapTcp, coapWebSocket } from '../../../codecs/coap/index.ts'
import { battery } from '../../battery/index.ts'

battery(coap, { vectors: 40, bytesPerPacket: 1000 })
battery(coapTcp, { vectors: 15, bytesPerPacket: 1200 })
battery(coapWebSocket, { vectors: 5, bytesPerPacket: 2500 })
