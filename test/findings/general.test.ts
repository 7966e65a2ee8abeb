import { describe, expect, it } from 'vitest'
import { type MqttFrame, mqtt } from '../../codecs/mqtt/index.ts'
import { trafficRules } from '../../src/findings/index.ts'
import { bytesOf } from '../tracking/story.ts'
import { findings } from './found.ts'

const connect: MqttFrame = {
  type: 'connect',
  protocolName: 'MQTT',
  protocolVersion: 4,
  cleanStart: true,
  keepAlive: 60,
  clientId: 'probe',
}
const password = new TextEncoder().encode('s3cret')

describe('plaintext-credentials', () => {
  const connecting = (frame: MqttFrame, host: string): string[] =>
    findings(inspector => {
      const flow = inspector.open({
        id: 1,
        transport: 'stream',
        client: { host, port: 40_001 },
        server: { host, port: 1883 },
        started: 0,
        joined: 'start',
      })
      flow.data('client', bytesOf(mqtt, frame, { version: 4, guessed: false }), 1000, 0, 0)
      flow.close(2000)
    }, trafficRules).filter(line => line.startsWith('plaintext-credentials'))

  it('tells of a password that anybody can read', () => {
    expect(connecting({ ...connect, username: 'ann', password }, '10.0.0.1')).toEqual([
      'plaintext-credentials warning: connect carries credentials without TLS [1]',
    ])
  })

  it('takes it for less on one machine', () => {
    expect(connecting({ ...connect, username: 'ann', password }, '127.0.0.1')).toEqual([
      'plaintext-credentials note: connect carries credentials without TLS [1]',
    ])
  })

  it('has nothing to say where there is no password', () => {
    expect(connecting(connect, '10.0.0.1')).toEqual([])
  })
})
