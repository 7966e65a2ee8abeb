import type { WiresharkNames } from '../core/index.ts'
import { type PacketType, TYPES } from './tables.ts'

const codes: ReadonlyMap<string, number> = new Map(TYPES.map((name, code) => [name, code]))

/** What has one reason code; Wireshark has a name for each. */
const REASONED = [
  'connack',
  'puback',
  'pubrec',
  'pubrel',
  'pubcomp',
  'disconnect',
  'auth',
] as const satisfies PacketType[]

export const wireshark: WiresharkNames = {
  protocol: 'mqtt',
  fields: {
    msgtype: { field: 'type', code: name => codes.get(name) },
    len: 'remainingLength',
    dupflag: 'dup',
    msgid: 'packetId',
    msg: 'payload',
    msg_text: 'payload',
    protoname: 'protocolName',
    ver: 'protocolVersion',
    kalive: 'keepAlive',
    clientid: 'clientId',
    passwd: 'password',
    willtopic: 'willTopic',
    willmsg: 'willPayload',
    willmsg_text: 'willPayload',
    'conflag.cleansess': 'cleanStart',
    'conflag.qos': 'willQos',
    'conflag.retain': 'willRetain',
    'conack.flags.sp': 'sessionPresent',
    'conack.val': { field: 'reasonCode', type: 'connack' },
    ...Object.fromEntries(REASONED.map(type => [`${type}.reason_code`, { field: 'reasonCode', type }])),
    'sub.qos': 'subscriptions.qos',
    subscription_options_qos: 'subscriptions.qos',
    subscription_options_nl: 'subscriptions.noLocal',
    subscription_options_rap: 'subscriptions.retainAsPublished',
    subscription_options_retain: 'subscriptions.retainHandling',
    'suback.qos': { field: 'reasonCodes', type: 'suback' },
    'suback.reason_code': { field: 'reasonCodes', type: 'suback' },
    'unsuback.reason_code': { field: 'reasonCodes', type: 'unsuback' },
    'property.content_type': 'properties.contentType',
    'property.max_qos': 'properties.maximumQos',
    'property.topic_alias': 'properties.topicAlias',
    prop_key: 'properties.userProperties.name',
    prop_value: 'properties.userProperties.value',
  },
}
