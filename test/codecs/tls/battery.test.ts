import { tls } from '../../../codecs/carriers/tls/index.ts'
import { battery } from '../../battery/index.ts'

battery(tls.codec, { vectors: 8, bytesPerPacket: 2000 })
