import { amqp10 } from '../../../codecs/amqp10/index.ts'
import { battery } from '../../battery/index.ts'

battery(amqp10, { vectors: 75, bytesPerPacket: 1500 })
