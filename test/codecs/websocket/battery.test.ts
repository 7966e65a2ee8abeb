import { websocket } from '../../../codecs/carriers/websocket/index.ts'
import { battery } from '../../battery/index.ts'

battery(websocket.codec, { vectors: 45, bytesPerPacket: 4000 })
