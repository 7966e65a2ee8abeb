import { type CodeTable, codeTable } from '../core/index.ts'

/** The protocol levels: 3 is MQTT 3.1 (`MQIsdp`), 4 is 3.1.1, 5 is 5.0. */
export type Version = 3 | 4 | 5

export const VERSION_NAMES: Readonly<Record<Version, string>> = { 3: 'MQTT 3.1', 4: 'MQTT 3.1.1', 5: 'MQTT 5.0' }

/** Packet types by the high nibble of the first byte; 0 is reserved [2.1.2]. */
export const TYPES = [
  'reserved',
  'connect',
  'connack',
  'publish',
  'puback',
  'pubrec',
  'pubrel',
  'pubcomp',
  'subscribe',
  'suback',
  'unsubscribe',
  'unsuback',
  'pingreq',
  'pingresp',
  'disconnect',
  'auth',
] as const
export type PacketType = Exclude<(typeof TYPES)[number], 'reserved'>

/** The same nibbles, for code that switches on them. */
export const CONNECT = 1
export const CONNACK = 2
export const PUBLISH = 3
export const PUBACK = 4
export const PUBREC = 5
export const PUBREL = 6
export const PUBCOMP = 7
export const SUBSCRIBE = 8
export const SUBACK = 9
export const UNSUBSCRIBE = 10
export const UNSUBACK = 11
export const PINGREQ = 12
export const PINGRESP = 13
export const DISCONNECT = 14
export const AUTH = 15

/** What the low nibble must be, for every type but PUBLISH, whose flags mean something [2.1.3]. */
export const flagsOf = (type: number): number => (type === PUBREL || type === SUBSCRIBE || type === UNSUBSCRIBE ? 2 : 0)

/** Who may send a type [2.1.2]: the client, the server, or (left out) both. */
export const SENDERS: Partial<Record<PacketType, 'client' | 'server'>> = {
  connect: 'client',
  connack: 'server',
  subscribe: 'client',
  suback: 'server',
  unsubscribe: 'client',
  unsuback: 'server',
  pingreq: 'client',
  pingresp: 'server',
}

/** CONNACK return codes of MQTT 3.1 and 3.1.1 [3.1.1, table 3.1]. */
export const RETURN_CODES = codeTable({
  0: 'Connection accepted',
  1: 'Unacceptable protocol version',
  2: 'Identifier rejected',
  3: 'Server unavailable',
  4: 'Bad user name or password',
  5: 'Not authorized',
})

/** SUBACK return codes of MQTT 3.1 and 3.1.1 [3.1.1, 3.9.3]; 3.1 does not have the last. */
export const SUBACK_CODES = codeTable({
  0: 'Maximum QoS 0',
  1: 'Maximum QoS 1',
  2: 'Maximum QoS 2',
  128: 'Failure',
})

/** All reason codes of MQTT 5 [5.0, table 2.6]; 0 goes by three names. */
const REASONS = {
  0: 'Success',
  1: 'Granted QoS 1',
  2: 'Granted QoS 2',
  4: 'Disconnect with Will Message',
  16: 'No matching subscribers',
  17: 'No subscription existed',
  24: 'Continue authentication',
  25: 'Re-authenticate',
  128: 'Unspecified error',
  129: 'Malformed Packet',
  130: 'Protocol Error',
  131: 'Implementation specific error',
  132: 'Unsupported Protocol Version',
  133: 'Client Identifier not valid',
  134: 'Bad User Name or Password',
  135: 'Not authorized',
  136: 'Server unavailable',
  137: 'Server busy',
  138: 'Banned',
  139: 'Server shutting down',
  140: 'Bad authentication method',
  141: 'Keep Alive timeout',
  142: 'Session taken over',
  143: 'Topic Filter invalid',
  144: 'Topic Name invalid',
  145: 'Packet Identifier in use',
  146: 'Packet Identifier not found',
  147: 'Receive Maximum exceeded',
  148: 'Topic Alias invalid',
  149: 'Packet too large',
  150: 'Message rate too high',
  151: 'Quota exceeded',
  152: 'Administrative action',
  153: 'Payload format invalid',
  154: 'Retain not supported',
  155: 'QoS not supported',
  156: 'Use another server',
  157: 'Server moved',
  158: 'Shared Subscriptions not supported',
  159: 'Connection rate exceeded',
  160: 'Maximum connect time',
  161: 'Subscription Identifiers not supported',
  162: 'Wildcard Subscriptions not supported',
} as const
type Reason = keyof typeof REASONS

function reasons(codes: readonly Reason[], zero = 'Success'): CodeTable {
  return codeTable(Object.fromEntries(codes.map(code => [code, code === 0 ? zero : REASONS[code]])))
}

/** The packets that carry reason codes. */
export type ReasonedType = Exclude<
  PacketType,
  'connect' | 'publish' | 'subscribe' | 'unsubscribe' | 'pingreq' | 'pingresp'
>

const received = reasons([0, 16, 128, 131, 135, 144, 145, 151, 153])
const released = reasons([0, 146])

/** Which reason codes each MQTT 5 packet may carry. */
export const REASON_CODES: Readonly<Record<ReasonedType, CodeTable>> = {
  connack: reasons([
    0, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 140, 144, 149, 151, 153, 154, 155, 156, 157, 159,
  ]),
  puback: received,
  pubrec: received,
  pubrel: released,
  pubcomp: released,
  suback: reasons([0, 1, 2, 128, 131, 135, 143, 145, 151, 158, 161, 162], 'Granted QoS 0'),
  unsuback: reasons([0, 17, 128, 131, 135, 143, 145]),
  disconnect: reasons(
    [
      0, 4, 128, 129, 130, 131, 135, 137, 139, 141, 142, 143, 144, 147, 148, 149, 150, 151, 152, 153, 154, 155, 156,
      157, 158, 159, 160, 161, 162,
    ],
    'Normal disconnection',
  ),
  auth: reasons([0, 24, 25]),
}

/** Reason codes from here on say that something failed [5.0 2.4]. */
export const FAILURE = 0x80
