import { describe, expect, it } from 'vitest'
import { Budget } from '../../../codecs/core/index.ts'
import { type Acknowledgement, type MqttFrame, mqtt, type Publish } from '../../../codecs/mqtt/index.ts'
import { capture } from '../../filter/captures.ts'
import { type Said, story, storyOf } from '../../tracking/story.ts'
import { CONNECT } from './support.ts'

const text = new TextEncoder()
const publish = (topic: string, qos: number, packetId?: number, dup = false): Publish => ({
  type: 'publish',
  dup,
  qos,
  retain: false,
  topic,
  packetId,
  payload: text.encode('21.5'),
})
const ack = (type: Acknowledgement['type'], packetId: number, reasonCode?: number): Acknowledgement => ({
  type,
  packetId,
  reasonCode,
})
const connack: MqttFrame = { type: 'connack', sessionPresent: false, reasonCode: 0, properties: {} }
const opening: Said<MqttFrame>[] = [{ client: CONNECT }, { server: connack }]
const lines = (...steps: Said<MqttFrame>[]): readonly string[] =>
  story(mqtt, { version: 5, guessed: false }, [...opening, ...steps]).lines.slice(1)

describe('what MQTT packets mean together', () => {
  it('ties CONNECT to CONNACK', () => {
    const { lines } = story(mqtt, { version: 5, guessed: false }, opening)
    expect(lines).toEqual(['exchange connect probe: 1→2 ok Success'])
  })

  it('ties QoS 1 to its PUBACK, either way, by the sender’s own packet identifiers', () => {
    expect(
      lines(
        { client: publish('a', 1, 7) },
        { server: publish('b', 1, 7) },
        { client: ack('puback', 7) },
        { server: ack('puback', 7, 0x97) },
      ),
    ).toEqual([
      'message publish a 4 bytes in 3',
      'level client in flight 1',
      'message deliver b 4 bytes in 4',
      'level server in flight 1',
      'exchange deliver-ack 7 b: 4→5 ok puback',
      'level server in flight 0',
      'exchange publish-confirm 7 a: 3→6 failed Quota exceeded',
      'level client in flight 0',
    ])
  })

  it('follows QoS 2 over its three answers, and a PUBLISH sent again', () => {
    expect(
      lines(
        { client: publish('a', 2, 1) },
        { client: publish('a', 2, 1, true) },
        { server: ack('pubrec', 1) },
        { client: ack('pubrel', 1) },
        { server: ack('pubcomp', 1) },
      ).filter(line => line.startsWith('exchange')),
    ).toEqual(['exchange publish-confirm 1 a: 3→4→5→6→7 ok pubcomp'])
  })

  it('ends QoS 2 where PUBREC refuses', () => {
    const told = lines({ client: publish('a', 2, 1) }, { server: ack('pubrec', 1, 0x87) })
    expect(told).toContain('exchange publish-confirm 1 a: 3→4 failed Not authorized')
  })

  it('has an exchange for every filter of a SUBSCRIBE', () => {
    const subscriptions = ['a/#', 'b'].map(topicFilter => ({ topicFilter, qos: 1 }))
    expect(
      lines(
        { client: { type: 'subscribe', packetId: 5, subscriptions, properties: {} } },
        { server: { type: 'suback', packetId: 5, reasonCodes: [0, 0x87], properties: {} } },
        { client: { type: 'unsubscribe', packetId: 6, topicFilters: ['a/#'], properties: {} } },
        { server: { type: 'unsuback', packetId: 6, reasonCodes: [0], properties: {} } },
      ),
    ).toEqual([
      'exchange subscribe 5 a/#: 3→4 ok Granted QoS 0',
      'add subscription "a/#"',
      'exchange subscribe 5 b: 3→4 failed Not authorized',
      'exchange unsubscribe 6 a/#: 5→6 ok Success',
      'remove subscription "a/#"',
    ])
  })

  it('carries on what an earlier connection of the session began', () => {
    expect(
      lines(
        { client: publish('a', 1, 7, true) },
        { server: ack('puback', 7) },
        { client: ack('pubrel', 8) },
        { server: ack('pubcomp', 8) },
        { server: ack('puback', 99) },
      ),
    ).toEqual([
      'message publish a 4 bytes in 3',
      'level client in flight 1',
      'exchange publish-confirm 7 a: 3→4 ok puback',
      'level client in flight 0',
      'exchange publish-release 8: 5→6 ok pubcomp',
    ])
  })

  it('tells how many each side may have in flight', () => {
    const told = story(mqtt, { version: 5, guessed: false }, [
      { client: { ...CONNECT, properties: { receiveMaximum: 5 } } },
      { server: { ...connack, properties: { receiveMaximum: 20 } } },
    ]).lines
    expect(told.filter(line => line.startsWith('level'))).toEqual([
      'level server receive maximum 5',
      'level client receive maximum 20',
    ])
  })

  it('follows authentication in steps, and once more later', () => {
    const auth = (reasonCode: number): MqttFrame => ({ type: 'auth', reasonCode, properties: {} })
    const again: Said<MqttFrame>[] = [{ client: auth(0x19) }, { server: auth(0x18) }, { client: auth(0x18) }]
    const told = story(mqtt, { version: 5, guessed: false }, [
      { client: CONNECT },
      { server: auth(0x18) },
      { client: auth(0x18) },
      { server: connack },
      ...again,
      { server: auth(0) },
    ]).lines
    expect(told).toEqual(['exchange connect probe: 1→2→3→4 ok Success', 'exchange authenticate: 5→6→7→8 ok Success'])
  })

  it('has no subscription end that was none', () => {
    expect(
      lines(
        { client: { type: 'unsubscribe', packetId: 6, topicFilters: ['a/#'], properties: {} } },
        { server: { type: 'unsuback', packetId: 6, reasonCodes: [0x11], properties: {} } },
      ),
    ).toEqual(['exchange unsubscribe 6 a/#: 3→4 ok No subscription existed'])
  })

  it('follows a connection that it joins in the middle', () => {
    const steps: Said<MqttFrame>[] = Array.from({ length: 8 }, (_, at) => [
      { server: ack('puback', at + 1) },
      { client: publish('a', 1, at + 2) },
    ]).flat()
    const { exchanges, open } = story(mqtt, { version: 4, guessed: true }, steps, 'middle')
    expect(exchanges.length).toBeGreaterThan(0)
    expect(exchanges.every(({ kind, ok }) => kind === 'publish-confirm' && ok)).toBe(true)
    expect(open.map(({ id }) => id)).toContain(9)
  })

  it('shows what was not answered', () => {
    const told = lines({ client: { type: 'pingreq' } }, { client: publish('a', 1, 9) })
    expect(told.filter(line => line.startsWith('exchange'))).toEqual([
      'exchange publish-confirm 9 a: 4→?',
      'exchange ping: 3→?',
    ])
  })

  it('knows where an answer may have been lost', () => {
    const { open } = story(mqtt, { version: 5, guessed: false }, [
      ...opening,
      { client: publish('a', 1, 1) },
      { lost: 100, by: 'server' },
      { client: publish('a', 1, 2) },
      { lost: 100, by: 'client' },
    ])
    expect(open.map(({ id, missed }) => [id, missed])).toEqual([
      [1, true],
      [2, false],
    ])
  })

  it('gives up the oldest where there is no room', () => {
    const many = Array.from({ length: 5 }, (_, at) => ({ client: publish('a', 1, at + 1) }))
    const room = { exchanges: new Budget(3), bytes: new Budget(0) }
    const { exchanges, open } = story(mqtt, { version: 5, guessed: false }, [...opening, ...many], 'start', room)
    expect(exchanges.filter(({ outcome }) => outcome === 'given up').map(({ id }) => id)).toEqual([1, 2])
    expect(open.map(({ id }) => id)).toEqual([3, 4, 5])
  })

  it('tells what a message is', () => {
    const properties = {
      contentType: 'text/plain',
      responseTopic: 'answers',
      correlationData: text.encode('c1'),
      userProperties: [{ name: 'traceparent', value: '00-1' }],
    }
    const { messages } = story(mqtt, { version: 5, guessed: false }, [
      ...opening,
      { client: { ...publish('a/b', 1, 3), properties } },
    ])
    expect(messages).toHaveLength(1)
    const [message] = messages
    expect(message).toMatchObject({
      direction: 'publish',
      destination: { topic: 'a/b' },
      contentType: 'text/plain',
      correlationId: 'c1',
      replyTo: 'answers',
      properties: { qos: 1, retain: false, dup: false, packetId: 3, contentType: 'text/plain', correlationData: 'c1' },
    })
    expect(message?.header('traceparent')).toBe('00-1')
  })

  it('leaves nothing open in a capture of a client that ended in order', async () => {
    const { exchanges, open, messages } = await storyOf(capture('mqtt/mqtt5_qos.pcap'))
    expect(open).toEqual([])
    expect(exchanges.every(({ ok }) => ok)).toBe(true)
    expect(messages.length).toBeGreaterThan(0)
  })
})
