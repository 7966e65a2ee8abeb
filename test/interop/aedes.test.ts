import { once } from 'node:events'
import net from 'node:net'
import { Aedes } from 'aedes'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { checkMqtt } from './mqtt-client.ts'

describe('aedes', () => {
  let broker: Aedes
  let server: net.Server

  beforeAll(async () => {
    broker = await Aedes.createBroker()
    server = net.createServer(broker.handle).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })

  afterAll(async () => {
    await new Promise<void>(resolve => broker.close(resolve))
    server.close()
  })

  test('MQTT.js 3.1.1 works through the proxy, and every frame is shown', async () => {
    await checkMqtt((server.address() as net.AddressInfo).port, 4)
  })
})
