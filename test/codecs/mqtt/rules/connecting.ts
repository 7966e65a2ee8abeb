import type { Cases, Step } from './say.ts'
import { connack, connect, disconnect, opening, ping, publish, seconds, secret, suback, subscribe } from './say.ts'

const alice = connect({ clientId: 'probe', username: 'alice', password: secret('s3cret') })
const refused = (reasonCode: number): Step => connack({}, { reasonCode })
const old = (more: Parameters<typeof connect>[0] = {}): Step =>
  connect({ protocolName: 'MQIsdp', protocolVersion: 3, properties: undefined, ...more })
const kept = connect({ properties: { sessionExpiryInterval: 3600 } })
const bye: Step = { client: disconnect() }

export const connecting: Cases = {
  'auth-refused': {
    shows: {
      'a wrong password': [
        [alice, refused(0x86)],
        'error: client "probe", user "alice", was refused: Bad User Name or Password (134) [1 2]',
      ],
      'nobody in particular': [
        [connect({ clientId: '' }), refused(0x87)],
        'error: a client without identifier, without a user name, was refused: Not authorized (135) [1 2]',
      ],
    },
    not: { 'who is let in': [alice, connack()], 'a server that is busy': [alice, refused(0x89)] },
  },
  'connection-refused': {
    shows: {
      'a server that is busy': [
        [connect(), connack({ reasonString: 'come back later' }, { reasonCode: 0x89 })],
        'error: client "probe", without a user name, was refused: Server busy (137): come back later [1 2]',
      ],
    },
    not: { 'who is let in': opening, 'a wrong password': [alice, refused(0x86)] },
  },
  'default-credentials': {
    shows: {
      'a password that everybody knows': [
        [connect({ username: 'admin', password: secret('public') }), connack()],
        'warning: user "admin" was let in with a default password [1 2]',
      ],
    },
    not: {
      'one of their own': [connect({ username: 'admin', password: secret('K8#x') }), connack()],
      'one that does not work': [connect({ username: 'admin', password: secret('public') }), refused(0x86)],
    },
  },
  'client-identifier': {
    shows: {
      'a long one in MQTT 3.1': [
        [old({ clientId: 'a-very-long-client-identifier' })],
        'warning: an identifier of 29 characters where MQTT 3.1 takes 1 to 23 [1]',
      ],
      'none, with a session, in MQTT 3.1.1': [
        [connect({ protocolVersion: 4, properties: undefined, clientId: '', cleanStart: false })],
        'warning: no identifier, but a session is to be kept: the broker must refuse that [1]',
      ],
      'none, with a session, in MQTT 5': [
        [connect({ clientId: '', properties: { sessionExpiryInterval: 60 } })],
        'note: no identifier, but the session is to be kept for 60 seconds: the client finds it again only by the identifier that the broker assigns [1]',
      ],
    },
    not: { 'one of its own': [kept], 'none, and no session': [connect({ clientId: '' })], 'a short one': [old()] },
  },
  'clean-start-loses-session': {
    shows: {
      'a session that waits for a client that will not ask for it': [
        [kept, connack(), subscribe(1, ['news', 0], ['orders/#', 1])],
        'note: clean start, with a session kept for 3,600 seconds and a QoS 1 subscription to orders/# [1 3]',
      ],
    },
    not: {
      'a session that is gone on with': [
        connect({ cleanStart: false, properties: { sessionExpiryInterval: 3600 } }),
        connack(),
        subscribe(1, ['orders/#', 1]),
      ],
      'messages that may be lost': [kept, connack(), subscribe(1, ['news', 0])],
      'no session': [connect(), connack(), subscribe(1, ['orders/#', 1])],
    },
  },
  'old-protocol': {
    shows: { 'MQTT 3.1': [[old()], 'note: protocol name MQIsdp, version 3 [1]'] },
    not: { 'MQTT 5': [connect()], 'MQTT 3.1.1': [connect({ protocolVersion: 4, properties: undefined })] },
  },
  'keep-alive-off': {
    shows: {
      none: [[connect({ keepAlive: 0 }), connack()], 'note: keep alive is off (0) [1]'],
      'a long one, by the server': [
        [connect(), connack({ serverKeepAlive: 7200 })],
        'note: keep alive is 7,200 seconds [1 2]',
      ],
    },
    not: {
      'a minute': opening,
      'none, but for the server': [connect({ keepAlive: 0 }), connack({ serverKeepAlive: 60 })],
    },
  },
  'keep-alive-missed': {
    shows: {
      'a client that slept': [
        [...opening, seconds(95), ...ping],
        'warning: silent for 95 s before this packet, with a keep alive of 60 s [3]',
      ],
      'a client that is gone': [
        [...opening, seconds(600)],
        'warning: silent for 10 min at the end, with a keep alive of 60 s [1]',
      ],
    },
    not: {
      'a client that is in time': [...opening, seconds(85), ...ping, seconds(85), ...ping],
      'no keep alive': [connect({ keepAlive: 0 }), connack(), seconds(600), ...ping],
      'a client that said goodbye': [...opening, bye, seconds(600)],
      'a longer one, by the server': [connect(), connack({ serverKeepAlive: 600 }), seconds(95), ...ping],
    },
  },
  'server-disconnect': {
    shows: {
      'a quota': [
        [...opening, publish('a'), { server: disconnect(0x97, { reasonString: 'too much' }) }],
        'warning: Quota exceeded (0x97): too much [4]',
      ],
      'a server that goes away in order': [
        [...opening, { server: disconnect(0x8b) }],
        'note: Server shutting down (0x8b) [3]',
      ],
    },
    not: { 'the client’s goodbye': [...opening, bye], 'a takeover': [...opening, { server: disconnect(0x8e) }] },
  },
  'session-taken-over': {
    shows: {
      'another with its name': [
        [...opening, { server: disconnect(0x8e) }],
        'note: the session of client "probe" was taken over by another connection [3]',
      ],
    },
    not: { 'the client’s goodbye': [...opening, bye], 'another reason': [...opening, { server: disconnect(0x97) }] },
  },
  'session-lost': {
    shows: {
      'a release of what the broker forgot': [
        [connect({ cleanStart: false }), connack(), { client: { type: 'pubrel', packetId: 7 } }],
        'warning: a PUBREL of an earlier connection, packet identifier 7 [1 2 3]',
      ],
      'a message that is sent again': [
        [connect({ cleanStart: false }), connack(), publish('a', { packetId: 7, dup: true })],
        'warning: a PUBLISH with DUP of an earlier connection, packet identifier 7 [1 2 3]',
      ],
    },
    not: {
      'a session that is there': [
        connect({ cleanStart: false }),
        connack({}, { sessionPresent: true }),
        publish('a', { packetId: 7, dup: true }),
      ],
      'a new client': [
        connect({ cleanStart: false }),
        connack(),
        publish('a', { packetId: 7 }),
        publish('a', { packetId: 7, dup: true }),
        suback(1, 0),
      ],
    },
  },
}
