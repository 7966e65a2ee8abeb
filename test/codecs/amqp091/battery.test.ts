import { amqp091 } from '../../../codecs/amqp091/index.ts'
import { battery } from '../../battery/index.ts'

battery(amqp091, { vectors: 60, bytesPerPacket: 900 })
