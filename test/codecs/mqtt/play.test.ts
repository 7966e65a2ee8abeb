import { expect, test } from 'vitest'
import { type Packet, type Player, Renumbering, type Said } from '../../../codecs/core/index.ts'
import { type MqttFrame, mqtt } from '../../../codecs/mqtt/index.ts'
import { ScramKeys } from '../../../src/scram.ts'

const none = {} as Packet
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

interface Put {
  readonly user?: string
  readonly password?: string
  readonly copy?: number
  readonly names?: Renumbering
}

function player({ copy = 0, names = new Renumbering(), ...put }: Put = {}) {
  const options = {
    copy,

    scram: new ScramKeys({ waits: true }),
    names,
    address: (topic: string) => topic.replace(/^old\//, 'new/'),
    ...put,
  } as const
  const play = mqtt.play?.(options) as Player<MqttFrame>
  return {
    play,
    say: (frame: MqttFrame): Said<MqttFrame> => play.say(frame, none),
    recall: (frame: MqttFrame) => play.recall(frame, none),
    hear: (frame: MqttFrame) => play.hear(frame, none),
  }
}

const publish = (qos: number, packetId?: number, topic = 'a'): MqttFrame & { type: 'publish' } => ({
  type: 'publish',
  dup: false,
  qos,
  retain: false,
  topic,
  packetId,
  payload: utf8('x'),
})
const connect: MqttFrame & { type: 'connect' } = {
  type: 'connect',
  protocolName: 'MQTT',
  protocolVersion: 5,
  cleanStart: true,
  keepAlive: 60,
  clientId: 'c',
}
const connack = (properties: object): MqttFrame => ({
  type: 'connack',
  sessionPresent: false,
  reasonCode: 0,
  properties,
})

test('PUBACK goes to the packet identifier of now [2.2.1]', () => {
  const { say, recall, hear } = player()
  const expected = recall(publish(1, 7))
  expect(say({ type: 'puback', packetId: 7 })).toEqual({ action: 'wait', for: expected, apart: true })
  hear(publish(1, 3))
  expect(say({ type: 'puback', packetId: 7 })).toMatchObject({ frames: [{ type: 'puback', packetId: 3 }] })
})

test('PUBREC and PUBCOMP too, and PUBCOMP waits for PUBREL [4.3.3]', () => {
  const { say, recall, hear } = player()
  hear(publish(2, 3))
  recall(publish(2, 7))
  expect(say({ type: 'pubrec', packetId: 7 })).toMatchObject({ frames: [{ type: 'pubrec', packetId: 3 }] })
  const release = recall({ type: 'pubrel', packetId: 7 })
  expect(say({ type: 'pubcomp', packetId: 7 })).toEqual({ action: 'wait', for: release, apart: true })
  hear({ type: 'pubrel', packetId: 3 })
  expect(say({ type: 'pubcomp', packetId: 7 })).toMatchObject({ frames: [{ type: 'pubcomp', packetId: 3 }] })
})

test('what comes at a lower QoS than then is acknowledged at that [3.8.4]', () => {
  const { say, recall, hear } = player()
  hear({ type: 'suback', packetId: 1, reasonCodes: [1] })
  recall(publish(2, 7))
  hear(publish(1, 3))
  expect(say({ type: 'pubrec', packetId: 7 })).toMatchObject({ frames: [{ type: 'puback', packetId: 3 }] })
  expect(recall({ type: 'pubrel', packetId: 7 })).toBeUndefined()
  expect(say({ type: 'pubcomp', packetId: 7 }).action).toBe('skip')
})

test('PUBREL waits for the PUBREC that it answers, and is not sent without', () => {
  const { say, recall } = player()
  say(publish(2, 5))
  const received = recall({ type: 'pubrec', packetId: 5 })
  expect(say({ type: 'pubrel', packetId: 5 })).toEqual({ action: 'wait', for: received })
  received?.giveUp()
  expect(say({ type: 'pubrel', packetId: 5 }).action).toBe('skip')
})

test('a client that publishes at QoS 2 has no more in flight than it had then', () => {
  const { say } = player()
  expect(say(publish(1, 1))).toMatchObject({ action: 'same', alone: false })
  expect(say(publish(2, 2))).toMatchObject({ action: 'same', alone: true })
  expect(say(publish(1, 3))).toMatchObject({ action: 'same', alone: true })
  expect(say({ type: 'pubrel', packetId: 2 })).toMatchObject({ action: 'same', alone: true })
})

test('where something does not come, what came instead is out of its way: acknowledged, and once only', () => {
  const { play, say, recall, hear } = player()
  hear(publish(2, 3))
  recall(publish(2, 7))
  say({ type: 'pubrec', packetId: 7 })
  hear({ type: 'pubrel', packetId: 3 })
  hear(publish(1, 4, 'b'))
  expect(play.unblock?.()).toEqual([
    { type: 'puback', packetId: 4 },
    { type: 'pubcomp', packetId: 3 },
  ])
  expect(play.unblock?.()).toEqual([])
  expect(recall({ type: 'pubrel', packetId: 7 })).toBeUndefined()
  expect(say({ type: 'pubcomp', packetId: 7 })).toEqual({ action: 'skip' })
  recall(publish(1, 8, 'b'))
  expect(say({ type: 'puback', packetId: 8 })).toEqual({ action: 'skip' })
})

test('what the recording does not have is acknowledged before DISCONNECT', () => {
  const { say, hear } = player()
  hear(publish(1, 9))
  hear(publish(2, 10))
  expect(say({ type: 'disconnect' })).toEqual({
    action: 'send',
    orderly: true,
    frames: [{ type: 'puback', packetId: 9 }, { type: 'pubrec', packetId: 10 }, { type: 'disconnect' }],
  })
  expect(hear({ type: 'pubrel', packetId: 10 })).toEqual([{ type: 'pubcomp', packetId: 10 }])
})

test('an assigned client identifier is that of now, also on the next connection [3.2.2.3.7]', () => {
  const names = new Renumbering()
  const first = player({ names })
  expect(first.say({ ...connect, clientId: '' })).toEqual({ action: 'same', orderly: true })
  first.recall(connack({ assignedClientIdentifier: 'auto-then' }))
  first.hear(connack({ assignedClientIdentifier: 'auto-now' }))
  expect(player({ names }).say({ ...connect, clientId: 'auto-then' })).toMatchObject({
    frames: [{ clientId: 'auto-now' }],
  })
  expect(player({ copy: 2 }).say(connect)).toMatchObject({ frames: [{ clientId: 'c-2' }] })
})

test('keep-alive is what the server says, else what the client said [3.2.2.3.14]', () => {
  const { play, say, hear } = player()
  expect(play.keepAlive).toBeUndefined()
  say(connect)
  expect(play.keepAlive).toBe(30_000)
  hear(connack({ serverKeepAlive: 10 }))
  expect(play.keepAlive).toBe(5_000)
  expect(play.alive()).toEqual([{ type: 'pingreq' }])
  expect(say({ type: 'pingreq' }).action).toBe('skip')
})

test('a topic alias stays, unless this server takes none so high [3.2.2.3.8]', () => {
  const { say, hear } = player()
  const aliased = { ...publish(0), aliased: true, properties: { topicAlias: 2, contentType: 't' } }
  expect(say(aliased)).toMatchObject({ action: 'same' })
  hear(connack({ topicAliasMaximum: 1 }))
  const said = say(aliased)
  expect(said).toMatchObject({ frames: [{ topic: 'a', properties: { contentType: 't' } }] })
  expect(said).not.toMatchObject({ frames: [{ aliased: true }] })
  expect(said).not.toMatchObject({ frames: [{ properties: { topicAlias: 2 } }] })
})

test('other topics, users and passwords; a password that was overwritten is asked for', () => {
  const { say } = player()
  expect(say(publish(0, undefined, 'old/x'))).toMatchObject({ frames: [{ topic: 'new/x' }] })
  const masked = { ...connect, username: 'ann', password: utf8('*****') }
  expect(say(masked)).toMatchObject({ action: 'impossible' })
  expect(player({ user: 'bob', password: 'x' }).say(masked)).toMatchObject({
    frames: [{ username: 'bob', password: utf8('x') }],
  })
})

test('what answers a challenge, or was overwritten, does not log in again [4.12]', () => {
  const by = (authenticationMethod: string, authenticationData: string): MqttFrame => ({
    ...connect,
    protocolVersion: 5,
    properties: { authenticationMethod, authenticationData: utf8(authenticationData) },
  })
  const put = { user: 'bob', password: 'x' }
  expect(player(put).say(by('SCRAM-SHA-256', 'n,,n=ann,r=1'))).toMatchObject({ action: 'impossible' })
  expect(player(put).say(by('K8S-SAT', '***'))).toMatchObject({ action: 'impossible' })
  expect(player().say(by('K8S-SAT', 'tok'))).toMatchObject({ action: 'same' })
})
