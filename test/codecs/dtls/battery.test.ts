import { dtls } from '../../../codecs/carriers/dtls/index.ts'
import { battery } from '../../battery/index.ts'

battery(dtls.codec, { vectors: 9, bytesPerPacket: 2500 })
