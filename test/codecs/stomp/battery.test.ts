import { stomp } from '../../../codecs/stomp/index.ts'
import { battery } from '../../battery/index.ts'

battery(stomp, { vectors: 55, bytesPerPacket: 900 })
