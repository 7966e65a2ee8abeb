import mqtt from 'mqtt'
import { expect } from 'vitest'
import { missing, watch } from './watch.ts'

export interface MqttOptions {
  /** The way in, where it is not TCP. */
  readonly path?: string
  readonly username?: string
  readonly password?: string
  /** What the broker can do: RabbitMQ 3 has no QoS 2. */
  readonly mostQos?: 1 | 2
  /** Bytes of the largest message. */
  readonly large?: number
}

/** MQTT.js at work through the proxy: what any broker must let it do, and what must be shown of it. */
export async function checkMqtt(port: number, version: 4 | 5, how: MqttOptions = {}): Promise<void> {
  const { path, username = 'ann', password = 'secret', mostQos = 2, large = 200_000 } = how
  const watched = await watch(port)
  const url = path === undefined ? `mqtt://127.0.0.1:${watched.port}` : `ws://127.0.0.1:${watched.port}${path}`
  const v5 = version === 5
  const options = { protocolVersion: version, reconnectPeriod: 0, keepalive: 60, username, password } as const

  const subscriber = await mqtt.connectAsync(url, { ...options, clientId: 'sub' })
  const got: { topic: string; payload: string; qos: number }[] = []
  const all = new Promise<void>(resolve => {
    subscriber.on('message', (topic, payload, { qos }) => {
      got.push({ topic, payload: payload.length > 100 ? `${payload.length} bytes` : payload.toString(), qos })
      if (got.length === 5) resolve()
    })
  })
  const identifier = v5 ? { properties: { subscriptionIdentifier: 7 } } : {}
  await subscriber.subscribeAsync('plant/#', { qos: mostQos, ...identifier })

  const publisher = await mqtt.connectAsync(url, {
    ...options,
    clientId: 'pub',
    will: { topic: 'plant/gone', payload: Buffer.from('bye'), qos: 1, retain: false },
  })
  const properties = v5 ? { properties: { contentType: 'text/plain', userProperties: { a: '1', b: '2' } } } : {}
  await publisher.publishAsync('plant/a', 'zero', { qos: 0, ...properties })
  await publisher.publishAsync('plant/b', 'one', { qos: 1, ...properties })
  await publisher.publishAsync('plant/c', 'two', { qos: mostQos, ...properties })
  await publisher.publishAsync('plant/d', Buffer.alloc(large, 'd'), { qos: 1 })
  // Not in order: the broker sends the will.
  const gone = new Promise<void>(resolve => publisher.once('close', resolve))
  publisher.stream.destroy()
  await Promise.all([gone, all])
  await subscriber.unsubscribeAsync('plant/#')
  await subscriber.endAsync()
  await watched.end()

  // At QoS 2 a message is the application's only once it was released: others may overtake it.
  expect(got.sort((a, b) => (a.topic < b.topic ? -1 : 1))).toEqual([
    { topic: 'plant/a', payload: 'zero', qos: 0 },
    { topic: 'plant/b', payload: 'one', qos: 1 },
    { topic: 'plant/c', payload: 'two', qos: mostQos },
    { topic: 'plant/d', payload: `${large} bytes`, qos: 1 },
    { topic: 'plant/gone', payload: 'bye', qos: 1 },
  ])
  expect(watched.wrong).toEqual([])
  const [sub, pub] = [watched.types(1), watched.types(2)]
  expect(sub.slice(0, 4)).toEqual(['>connect', '<connack', '>subscribe', '<suback'])
  const received = mostQos === 2 ? ['<publish', '>pubrec', '<pubrel', '>pubcomp'] : ['<publish', '>puback']
  expect(missing(sub, [...received, '>unsubscribe', '<unsuback', '>disconnect'])).toBeUndefined()
  expect(sub.filter(type => type === '<publish')).toHaveLength(5)
  expect(sub.filter(type => type === '>puback')).toHaveLength(mostQos === 2 ? 3 : 4)
  const most = mostQos === 2 ? ['>publish', '<pubrec', '>pubrel', '<pubcomp'] : ['>publish', '<puback']
  const sent = ['>publish', '>publish', '<puback', ...most, '>publish', '<puback']
  expect(pub).toEqual(['>connect', '<connack', ...sent])
  const topics = watched.find('publish').filter(({ flow, from }) => flow === 2 && from === 'client')
  expect(topics.map(({ fields }) => fields.topic)).toEqual(['plant/a', 'plant/b', 'plant/c', 'plant/d'])
  const [connect] = watched.find('connect')
  expect(connect!.fields).toMatchObject({ clientId: 'sub', protocolVersion: version, username, password: '***' })
  for (const { codec, carriers } of watched.flows) {
    expect(codec?.id).toBe('mqtt')
    expect(carriers.map(({ name, subprotocol }) => [name, subprotocol])).toEqual(
      path === undefined ? [] : [['WebSocket', 'mqtt']],
    )
  }
}
