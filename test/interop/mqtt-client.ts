import mqtt from 'mqtt'
import { expect } from 'vitest'
import { missing, watch } from './watch.ts'

/** MQTT.js at work through the proxy: what any broker must let it do, and what must be shown of it. */
export async function checkMqtt(port: number, version: 4 | 5): Promise<void> {
  const watched = await watch(port)
  const url = `mqtt://127.0.0.1:${watched.port}`
  const v5 = version === 5
  const options = { protocolVersion: version, reconnectPeriod: 0, keepalive: 60 } as const

  const subscriber = await mqtt.connectAsync(url, { ...options, clientId: 'sub', username: 'ann', password: 'secret' })
  const got: { topic: string; payload: string; qos: number }[] = []
  const all = new Promise<void>(resolve => {
    subscriber.on('message', (topic, payload, { qos }) => {
      got.push({ topic, payload: payload.length > 100 ? `${payload.length} bytes` : payload.toString(), qos })
      if (got.length === 5) resolve()
    })
  })
  await subscriber.subscribeAsync('plant/#', { qos: 2, ...(v5 ? { properties: { subscriptionIdentifier: 7 } } : {}) })

  const publisher = await mqtt.connectAsync(url, {
    ...options,
    clientId: 'pub',
    will: { topic: 'plant/gone', payload: Buffer.from('bye'), qos: 1, retain: false },
  })
  const properties = v5 ? { properties: { contentType: 'text/plain', userProperties: { a: '1', b: '2' } } } : {}
  await publisher.publishAsync('plant/a', 'zero', { qos: 0, ...properties })
  await publisher.publishAsync('plant/b', 'one', { qos: 1, ...properties })
  await publisher.publishAsync('plant/c', 'two', { qos: 2, ...properties })
  await publisher.publishAsync('plant/d', Buffer.alloc(200_000, 'd'), { qos: 1 })
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
    { topic: 'plant/c', payload: 'two', qos: 2 },
    { topic: 'plant/d', payload: '200000 bytes', qos: 1 },
    { topic: 'plant/gone', payload: 'bye', qos: 1 },
  ])
  expect(watched.wrong).toEqual([])
  const [sub, pub] = [watched.types(1), watched.types(2)]
  expect(sub.slice(0, 4)).toEqual(['>connect', '<connack', '>subscribe', '<suback'])
  const twice = ['<publish', '>pubrec', '<pubrel', '>pubcomp', '>unsubscribe', '<unsuback', '>disconnect']
  expect(missing(sub, twice)).toBeUndefined()
  expect(sub.filter(type => type === '<publish')).toHaveLength(5)
  expect(sub.filter(type => type === '>puback')).toHaveLength(3)
  const sent = ['>publish', '>publish', '<puback', '>publish', '<pubrec', '>pubrel', '<pubcomp', '>publish', '<puback']
  expect(pub).toEqual(['>connect', '<connack', ...sent])
  const topics = watched.find('publish').filter(({ flow, from }) => flow === 2 && from === 'client')
  expect(topics.map(({ fields }) => fields.topic)).toEqual(['plant/a', 'plant/b', 'plant/c', 'plant/d'])
  const [connect] = watched.find('connect')
  expect(connect!.fields).toMatchObject({ clientId: 'sub', protocolVersion: version, password: '***' })
}
