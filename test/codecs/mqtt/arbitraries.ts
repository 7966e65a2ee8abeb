import fc from 'fast-check'
import type { MqttFrame, Properties } from '../../../codecs/mqtt/index.ts'

export type Version = 3 | 4 | 5

const u16 = fc.nat(0xffff)
const u32 = fc.nat(0xffff_ffff)
const id = fc.integer({ min: 1, max: 0xffff })
const bytes = fc.uint8Array({ maxLength: 40 })
const string = fc.string({ unit: 'grapheme', maxLength: 20 })
/** No NUL, no control characters, no wildcards: what no diagnostic is about. */
const topic = string.map(text => `t${text.replace(/[\p{Cc}+#]/gu, '-')}`)
const text = string.map(text => text.replace(/\p{Cc}/gu, '-'))
const flag = fc.nat(1)
const qos = fc.nat(2)
const nonZero = (values: fc.Arbitrary<number>) => values.map(value => Math.max(1, value))

/** Every property with values that it may have. */
const values: { readonly [Name in keyof Required<Properties>]: fc.Arbitrary<Required<Properties>[Name]> } = {
  payloadFormatIndicator: fc.constant(0),
  messageExpiryInterval: u32,
  contentType: text,
  responseTopic: topic,
  correlationData: bytes,
  subscriptionIdentifiers: fc.array(fc.integer({ min: 1, max: 268_435_455 }), { minLength: 1, maxLength: 3 }),
  sessionExpiryInterval: u32,
  assignedClientIdentifier: text,
  serverKeepAlive: u16,
  authenticationMethod: text,
  authenticationData: bytes,
  requestProblemInformation: flag,
  willDelayInterval: u32,
  requestResponseInformation: flag,
  responseInformation: text,
  serverReference: text,
  reasonString: text,
  receiveMaximum: nonZero(u16),
  topicAliasMaximum: u16,
  topicAlias: nonZero(u16),
  maximumQos: flag,
  retainAvailable: flag,
  userProperties: fc.array(fc.record({ name: text, value: text }), { minLength: 1, maxLength: 3 }),
  maximumPacketSize: nonZero(u32),
  wildcardSubscriptionAvailable: flag,
  subscriptionIdentifiersAvailable: flag,
  sharedSubscriptionAvailable: flag,
}

/** Some of the properties named, in any order. */
function properties(...names: (keyof Properties)[]): fc.Arbitrary<Properties> {
  return fc.shuffledSubarray([...names, 'userProperties' as const]).chain(chosen => {
    // Authentication data wants a method beside it.
    const kept = chosen.filter(name => name !== 'authenticationData' || chosen.includes('authenticationMethod'))
    return fc.record(Object.fromEntries(kept.map(name => [name, values[name]]))) as fc.Arbitrary<Properties>
  })
}

const message = [
  'payloadFormatIndicator',
  'messageExpiryInterval',
  'contentType',
  'responseTopic',
  'correlationData',
] as const

const only = <T>(version: Version, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  version === 5 ? arbitrary : fc.constant(undefined)

/** A reason code and properties that may be left out from the end on. */
function reasoned(codes: readonly number[], names: readonly (keyof Properties)[], version: Version) {
  const nothing = fc.constant({ reasonCode: undefined, properties: undefined })
  if (version !== 5) return nothing
  const reasonCode = fc.constantFrom(...codes)
  return fc.oneof(
    nothing,
    fc.record({ reasonCode, properties: fc.constant(undefined) }),
    fc.record({ reasonCode, properties: properties(...names) }),
  )
}

function connect(version: Version): fc.Arbitrary<MqttFrame> {
  const name = version === 3 ? 'MQIsdp' : 'MQTT'
  const will = fc.record({
    willTopic: topic,
    willPayload: bytes,
    willQos: qos,
    willRetain: fc.boolean(),
    willProperties: only(version, properties(...message, 'willDelayInterval')),
  })
  const credentials = fc.oneof(
    fc.constant({}),
    fc.record({ username: text }),
    fc.record({ username: text, password: bytes }),
    ...(version === 5 ? [fc.record({ password: bytes })] : []),
  )
  const base = fc.record({
    type: fc.constant('connect' as const),
    protocolName: fc.constant(name),
    protocolVersion: fc.constant(version),
    bridge: fc.constantFrom(true, undefined),
    cleanStart: fc.boolean(),
    keepAlive: u16,
    properties: only(
      version,
      properties(
        'sessionExpiryInterval',
        'authenticationMethod',
        'authenticationData',
        'requestProblemInformation',
        'requestResponseInformation',
        'receiveMaximum',
        'topicAliasMaximum',
        'maximumPacketSize',
      ),
    ),
    clientId: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 23 }),
  })
  return fc.tuple(base, fc.option(will, { nil: {} }), credentials).map(parts => Object.assign({}, ...parts))
}

function connack(version: Version): fc.Arbitrary<MqttFrame> {
  return fc.record({
    type: fc.constant('connack' as const),
    sessionPresent: fc.constant(false),
    reasonCode: version === 5 ? fc.constantFrom(0, 0x80, 0x87, 0x9f) : fc.nat(5),
    properties: only(
      version,
      properties(
        'sessionExpiryInterval',
        'assignedClientIdentifier',
        'serverKeepAlive',
        'authenticationMethod',
        'authenticationData',
        'responseInformation',
        'serverReference',
        'reasonString',
        'receiveMaximum',
        'topicAliasMaximum',
        'maximumQos',
        'retainAvailable',
        'maximumPacketSize',
        'wildcardSubscriptionAvailable',
        'subscriptionIdentifiersAvailable',
        'sharedSubscriptionAvailable',
      ),
    ),
  })
}

const publish = (version: Version): fc.Arbitrary<MqttFrame> =>
  fc
    .record({
      type: fc.constant('publish' as const),
      dup: fc.boolean(),
      qos,
      retain: fc.boolean(),
      topic,
      packetId: id,
      properties: only(version, properties(...message, 'topicAlias', 'subscriptionIdentifiers')),
      payload: fc.oneof(bytes, fc.uint8Array({ minLength: 100, maxLength: 20_000 })),
    })
    .map(({ packetId, ...frame }) => ({
      ...frame,
      dup: frame.dup && frame.qos > 0,
      ...(frame.qos > 0 ? { packetId } : {}),
    }))

const acknowledgement = (
  type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp',
  codes: readonly number[],
  version: Version,
): fc.Arbitrary<MqttFrame> =>
  fc.tuple(id, reasoned(codes, ['reasonString'], version)).map(([packetId, reason]) => ({ type, packetId, ...reason }))

function subscribe(version: Version): fc.Arbitrary<MqttFrame> {
  const options = { noLocal: fc.boolean(), retainAsPublished: fc.boolean(), retainHandling: fc.nat(2) }
  const subscription = fc.record({ topicFilter: topic, qos, ...(version === 5 ? options : {}) })
  return fc.record({
    type: fc.constant('subscribe' as const),
    packetId: id,
    properties: only(version, properties('subscriptionIdentifiers')),
    subscriptions: fc.array(subscription, { minLength: 1, maxLength: 5 }),
  })
}

const suback = (version: Version): fc.Arbitrary<MqttFrame> =>
  fc.record({
    type: fc.constant('suback' as const),
    packetId: id,
    properties: only(version, properties('reasonString')),
    reasonCodes: fc.array(version === 3 ? qos : fc.constantFrom(0, 1, 2, 0x80), { minLength: 1, maxLength: 5 }),
  })

const unsubscribe = (version: Version): fc.Arbitrary<MqttFrame> =>
  fc.record({
    type: fc.constant('unsubscribe' as const),
    packetId: id,
    properties: only(version, properties()),
    topicFilters: fc.array(topic, { minLength: 1, maxLength: 5 }),
  })

const unsuback = (version: Version): fc.Arbitrary<MqttFrame> =>
  fc.record({
    type: fc.constant('unsuback' as const),
    packetId: id,
    properties: only(version, properties('reasonString')),
    reasonCodes: only(version, fc.array(fc.constantFrom(0, 0x11, 0x8f), { minLength: 1, maxLength: 5 })),
  })

const bare = (type: 'pingreq' | 'pingresp'): fc.Arbitrary<MqttFrame> => fc.constant({ type })

const disconnect = (version: Version): fc.Arbitrary<MqttFrame> =>
  reasoned([0, 4, 0x8e], ['sessionExpiryInterval', 'reasonString', 'serverReference'], version).map(reason => ({
    type: 'disconnect' as const,
    ...reason,
  }))

const auth = fc
  .record({ reasonCode: fc.constantFrom(0, 0x18, 0x19), method: text, more: properties('authenticationData') })
  .map(({ reasonCode, method, more }) => ({
    type: 'auth' as const,
    reasonCode,
    properties: { authenticationMethod: method, ...more },
  }))

/** Frames of every type that a version has, with nothing wrong with them. */
export const frames = (version: Version): Readonly<Record<string, fc.Arbitrary<MqttFrame>>> => ({
  connect: connect(version),
  connack: connack(version),
  publish: publish(version),
  puback: acknowledgement('puback', [0, 0x10, 0x97], version),
  pubrec: acknowledgement('pubrec', [0, 0x10, 0x97], version),
  pubrel: acknowledgement('pubrel', [0, 0x92], version),
  pubcomp: acknowledgement('pubcomp', [0, 0x92], version),
  subscribe: subscribe(version),
  suback: suback(version),
  unsubscribe: unsubscribe(version),
  unsuback: unsuback(version),
  pingreq: bare('pingreq'),
  pingresp: bare('pingresp'),
  disconnect: disconnect(version),
  ...(version === 5 ? { auth } : {}),
})
