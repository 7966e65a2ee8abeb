import { ack, type Cases, connack, connect, deliver, opening, ping, publish, type Step, seconds, times } from './say.ts'

const server = (type: Parameters<typeof ack>[0], packetId: number, reasonCode?: number): Step => ({
  server: ack(type, packetId, reasonCode),
})
const client = (type: Parameters<typeof ack>[0], packetId: number, reasonCode?: number): Step => ({
  client: ack(type, packetId, reasonCode),
})

export const messages: Cases = {
  'publish-unanswered': {
    shows: {
      'a message that was passed over': [
        [
          ...opening,
          publish('a', { packetId: 1 }),
          seconds(12),
          publish('b', { packetId: 2 }),
          server('puback', 2),
          ...ping,
        ],
        'warning: 1 message of the client not acknowledged, the first for 12 s, and none that came later [3]',
      ],
      'a client that acknowledges nothing': [
        [...opening, ...times(3, at => [deliver('a', { packetId: at + 1 })]), seconds(30)],
        'warning: 3 messages of the server not acknowledged, the first for 30 s, and none that came later [3]',
      ],
    },
    not: {
      'answers in time': [...opening, publish('a', { packetId: 1 }), seconds(5), server('puback', 1), seconds(30)],
      'QoS 0': [...opening, publish('a'), seconds(30), publish('b')],
      'what may have been lost by the capture': [
        ...opening,
        deliver('a', { packetId: 1 }),
        { lost: 4, by: 'client' },
        seconds(30),
      ],
      'the end of the capture': [...opening, deliver('a', { packetId: 1 }), seconds(1)],
    },
  },
  'qos2-incomplete': {
    shows: {
      'a message that nobody released': [
        [...opening, publish('a', { qos: 2, packetId: 1 }), server('pubrec', 1), seconds(60)],
        'warning: 1 QoS 2 message went no further than PUBREC [3 4]',
      ],
      'a release that nobody completed': [
        [...opening, publish('a', { qos: 2, packetId: 1 }), server('pubrec', 1), client('pubrel', 1), seconds(60)],
        'warning: 1 QoS 2 message went no further than PUBREL [3 4 5]',
      ],
    },
    not: {
      'all four': [
        ...opening,
        publish('a', { qos: 2, packetId: 1 }),
        server('pubrec', 1),
        client('pubrel', 1),
        server('pubcomp', 1),
        seconds(60),
      ],
      'a message that was refused': [...opening, publish('a', { qos: 2, packetId: 1 }), server('pubrec', 1, 0x97)],
    },
  },
  'dup-without-cause': {
    shows: {
      'the first of a new session': [
        [...opening, publish('a', { packetId: 9, dup: true })],
        'warning: the client sets DUP on packet identifier 9, though the session is new [3]',
      ],
    },
    not: {
      'a message sent again': [...opening, publish('a', { packetId: 9 }), publish('a', { packetId: 9, dup: true })],
      'a session that goes on': [
        connect({ cleanStart: false }),
        connack({}, { sessionPresent: true }),
        publish('a', { packetId: 9, dup: true }),
      ],
    },
  },
  'packet-id-reused': {
    shows: {
      'two messages under one identifier': [
        [...opening, publish('a', { packetId: 1 }), publish('b', { packetId: 1 })],
        'error: the client uses packet identifier 1 again before it was acknowledged [3 4]',
      ],
    },
    not: {
      'one after the other': [
        ...opening,
        publish('a', { packetId: 1 }),
        server('puback', 1),
        publish('b', { packetId: 1 }),
      ],
      'the same again': [...opening, publish('a', { packetId: 1 }), publish('a', { packetId: 1, dup: true })],
      'the other side’s': [...opening, publish('a', { packetId: 1 }), deliver('b', { packetId: 1 })],
    },
  },
  'packet-id-unknown': {
    shows: {
      'a release that the broker cannot place': [
        [...opening, client('pubrel', 5), server('pubcomp', 5, 0x92)],
        'warning: the server does not know packet identifier 5 [4]',
      ],
    },
    not: { 'one that it can': [...opening, client('pubrel', 5), server('pubcomp', 5)] },
  },
  'publish-refused': {
    shows: {
      'a topic that is forbidden, once': [
        [...opening, ...times(3, at => [publish('secret/a', { packetId: at + 1 }), server('puback', at + 1, 0x87)])],
        'error: a message to secret/a was refused: Not authorized [3 4]',
      ],
    },
    not: {
      'one that is taken': [...opening, publish('a', { packetId: 1 }), server('puback', 1)],
      'one that nobody wants': [...opening, publish('a', { packetId: 1 }), server('puback', 1, 0x10)],
    },
  },
  'no-subscribers': {
    shows: {
      'a topic without subscribers, once': [
        [...opening, ...times(2, at => [publish('a', { packetId: at + 1 }), server('puback', at + 1, 0x10)])],
        'note: no subscription matched a [3 4]',
      ],
    },
    not: {
      'a topic with some': [...opening, publish('a', { packetId: 1 }), server('puback', 1)],
      'a message for later': [...opening, publish('a', { packetId: 1, retain: true }), server('puback', 1, 0x10)],
    },
  },
  'wildcard-in-topic': {
    shows: {
      'a filter': [[...opening, publish('sensors/+')], 'error: the client publishes to sensors/+ [3]'],
    },
    not: { 'a topic': [...opening, publish('sensors/1')] },
  },
  'beyond-capabilities': {
    shows: {
      'QoS 2': [
        [connect(), connack({ maximumQos: 1 }), publish('a', { qos: 2, packetId: 1 })],
        'error: a message to a with QoS 2, where the broker takes at most QoS 1 [3]',
      ],
      retain: [
        [connect(), connack({ retainAvailable: 0 }), publish('a', { retain: true })],
        'error: a message to a with retain, where the broker retains nothing [3]',
      ],
    },
    not: {
      'what it can do': [connect(), connack({ maximumQos: 1, retainAvailable: 0 }), publish('a', { packetId: 1 })],
      'a broker that says nothing': [...opening, publish('a', { qos: 2, packetId: 1, retain: true })],
      'a QoS that does not exist': [...opening, publish('a', { qos: 3, packetId: 1 })],
    },
  },
  'receive-maximum-exceeded': {
    shows: {
      'more than the broker takes': [
        [connect(), connack({ receiveMaximum: 2 }), ...times(4, at => [publish('a', { packetId: at + 1 })])],
        'error: the client has 3 messages in flight where its peer takes 2 [5]',
      ],
      'more than the client takes': [
        [
          connect({ properties: { receiveMaximum: 1 } }),
          connack(),
          ...times(2, at => [deliver('a', { packetId: at + 1 })]),
        ],
        'error: the server has 2 messages in flight where its peer takes 1 [4]',
      ],
    },
    not: {
      'as many as it takes': [
        connect(),
        connack({ receiveMaximum: 2 }),
        ...times(2, at => [publish('a', { packetId: at + 1 })]),
        server('puback', 1),
        publish('a', { packetId: 3 }),
      ],
      'QoS 0': [connect(), connack({ receiveMaximum: 2 }), ...times(4, () => [publish('a')])],
      'no limit said': [...opening, ...times(4, at => [publish('a', { packetId: at + 1 })])],
    },
  },
  'topic-alias-invalid': {
    shows: {
      'one beyond the maximum': [
        [connect(), connack({ topicAliasMaximum: 2 }), publish('a', { properties: { topicAlias: 3 } })],
        'error: the client uses topic alias 3 where its peer takes 2 [3]',
      ],
      'any, where none is taken': [
        [...opening, publish('a', { properties: { topicAlias: 1 } })],
        'error: the client uses topic alias 1 where its peer takes 0 [3]',
      ],
      'one that was not set': [
        [connect(), connack({ topicAliasMaximum: 2 }), publish('', { properties: { topicAlias: 2 } })],
        'error: the client uses topic alias 2, which it did not set [3]',
      ],
    },
    not: {
      'one that was set': [
        connect(),
        connack({ topicAliasMaximum: 2 }),
        publish('a', { properties: { topicAlias: 2 } }),
        publish('', { properties: { topicAlias: 2 } }),
      ],
    },
  },
  'packet-too-large': {
    shows: {
      'a message for a broker that takes little': [
        [connect(), connack({ maximumPacketSize: 20 }), publish('a/rather/long/topic/name')],
        'error: a publish of 33 bytes where the peer takes 20 bytes [3]',
      ],
    },
    not: {
      'a small one': [connect(), connack({ maximumPacketSize: 20 }), publish('a')],
      'one for who takes all': [...opening, publish('a/rather/long/topic/name')],
    },
  },
}
