import { mqtt } from '../../../codecs/mqtt/index.ts'
import { battery } from '../../battery/index.ts'

battery(mqtt, { vectors: 95, bytesPerPacket: 900 })
