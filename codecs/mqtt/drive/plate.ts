import { type DriveSettings, type Outgoing, type Pen, type Plate, u16At } from '../../core/index.ts'
import type { MqttFrame } from '../frames.ts'
import { varintAt } from '../primitives.ts'
import type { Properties } from '../properties.ts'
import type { Version } from '../tables.ts'
import { propertiesOf, qosOf } from './options.ts'

export interface MqttPlate extends Plate {
  /** Where the packet identifier stands; 0 at QoS 0, where there is none. */
  readonly idAt: number
  /** What stands for its topic, once the server knows; 0 for nothing. */
  readonly alias: number
  /** The message without its topic, where something stands for it. */
  readonly short: MqttPlate | undefined
}

/** The PUBLISH of a message [3.3]; with an alias, one that says the topic, and one that does not. */
export function plateOf(
  pen: Pen<MqttFrame>,
  version: Version,
  settings: DriveSettings,
  message: Outgoing,
  alias: number,
): MqttPlate {
  const short =
    alias === 0 ? undefined : encoded(pen, version, settings, { ...message, destination: '' }, alias, undefined)
  return encoded(pen, version, settings, message, alias, short)
}

function encoded(
  pen: Pen<MqttFrame>,
  version: Version,
  settings: DriveSettings,
  { destination, body, contentType, replyTo, headers = {} }: Outgoing,
  alias: number,
  short: MqttPlate | undefined,
): MqttPlate {
  const qos = qosOf(settings)
  const user = Object.entries(headers)
  const properties: Properties = {
    ...propertiesOf(settings),
    ...(alias === 0 ? {} : { topicAlias: alias }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(replyTo === undefined ? {} : { responseTopic: replyTo }),
    ...(user.length === 0 ? {} : { userProperties: user.map(([name, value]) => ({ name, value })) }),
  }
  const bytes = pen.encode({
    type: 'publish',
    dup: false,
    qos,
    retain: settings.retain === true,
    topic: destination,
    packetId: 0,
    ...(version === 5 ? { properties } : {}),
    payload: body,
  })
  const topicAt = 1 + (varintAt(bytes, 1, bytes.length) & 7)
  const idAt = qos === 0 ? 0 : topicAt + 2 + u16At(bytes, topicAt)
  return { bytes, idAt, bodyAt: bytes.length - body.length, alias, short }
}
