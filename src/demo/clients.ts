import { setTimeout as pause } from 'node:timers/promises'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'

/**
 * What the demo's clients do, each as people meet it: sensors that publish at all three levels of service, a dashboard
 * that subscribes, a gateway that dies and leaves a will, a client of MQTT 5, and one that makes a mistake.
 */

export interface Scene {
  /** What is about to be seen. */
  readonly title: string
  readonly play: (connect: Connect) => Promise<void>
}

type Connect = (options: IClientOptions) => Promise<MqttClient>

/** Connects to the proxy; all clients end with the demo. */
export function cast(port: number): { readonly connect: Connect; readonly leave: () => Promise<void> } {
  const clients: MqttClient[] = []
  return {
    async connect(options) {
      const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, ...options })
      client.on('error', () => {})
      clients.push(client)
      return client
    },
    async leave() {
      await Promise.all(clients.filter(client => client.connected).map(client => client.endAsync()))
    },
  }
}

const closed = (client: MqttClient): Promise<void> => new Promise(resolve => client.once('close', () => resolve()))

/** Long enough for an eye to follow, in milliseconds. */
const BEAT = 350

export const scenes: readonly Scene[] = [
  {
    title: 'A dashboard subscribes, with wildcards and a level of service for each',
    async play(connect) {
      const dashboard = await connect({ clientId: 'dashboard', keepalive: 30 })
      await dashboard.subscribeAsync({ 'sensors/+/temperature': { qos: 1 }, 'alarms/#': { qos: 2 } })
      await pause(BEAT)
    },
  },
  {
    title: 'A sensor publishes: at most once, at least once, exactly once',
    async play(connect) {
      const sensor = await connect({ clientId: 'sensor-7', username: 'sensor', password: 'open sesame' })
      await sensor.publishAsync('sensors/hall/temperature', '{"celsius":21.4}', { qos: 0 })
      await pause(BEAT)
      await sensor.publishAsync('sensors/hall/temperature', '{"celsius":21.6}', { qos: 1 })
      await pause(BEAT)
      await sensor.publishAsync('alarms/hall', 'window open', { qos: 2 })
      await pause(BEAT)
      await sensor.publishAsync('sensors/hall/firmware', '2.4.1', { qos: 1, retain: true })
      await sensor.endAsync()
      await pause(BEAT)
    },
  },
  {
    title: 'A latecomer gets the retained message',
    async play(connect) {
      const latecomer = await connect({ clientId: 'latecomer' })
      await latecomer.subscribeAsync('sensors/+/firmware')
      await pause(BEAT)
      await latecomer.endAsync()
    },
  },
  {
    title: 'A gateway dies without a word: the broker publishes its will',
    async play(connect) {
      const gateway = await connect({
        clientId: 'gateway-3',
        will: { topic: 'alarms/gateway-3', payload: Buffer.from('gone'), qos: 1, retain: false },
      })
      await gateway.publishAsync('sensors/yard/temperature', '{"celsius":-3.1}', { qos: 1 })
      await pause(BEAT)
      gateway.stream.destroy()
      await pause(BEAT * 2)
    },
  },
  {
    title: 'A client of MQTT 5, with properties',
    async play(connect) {
      const modern = await connect({
        clientId: 'billing',
        protocolVersion: 5,
        properties: { sessionExpiryInterval: 60 },
      })
      await modern.publishAsync('orders/eu/new', '{"order":4711,"total":"19.90"}', {
        qos: 1,
        properties: {
          contentType: 'application/json',
          messageExpiryInterval: 3600,
          correlationData: Buffer.from('4711'),
          userProperties: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
        },
      })
      await pause(BEAT)
      await modern.endAsync()
    },
  },
  {
    title: 'A mistake: a wildcard in a topic that is published to. The broker hangs up',
    async play(connect) {
      const mistaken = await connect({ clientId: 'mistaken' })
      const gone = closed(mistaken)
      mistaken.publish('sensors/+/temperature', '{"celsius":20}', { qos: 0 })
      await Promise.race([gone, pause(BEAT * 4)])
    },
  },
  {
    title: 'Two clients take the same name: each throws the other out',
    async play(connect) {
      const first = await connect({ clientId: 'twin' })
      const gone = closed(first)
      const second = await connect({ clientId: 'twin' })
      await Promise.race([gone, pause(BEAT * 4)])
      await second.endAsync()
    },
  },
]
