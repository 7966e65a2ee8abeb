import { once } from 'node:events'
import type net from 'node:net'
import rhea, { type Sender } from 'rhea'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { checkAmqp10, checkRhea } from './amqp10-client.ts'

/** rhea as a broker: what is sent to it goes to whoever receives. */
describe('rhea as a server', () => {
  let server: net.Server

  beforeAll(async () => {
    const container = rhea.create_container({ autosettle: true })
    container.sasl_server_mechanisms.enable_plain(
      (user: string, password: string) => user === 'ann' && password === 'secret',
    )
    let out: Sender | undefined
    container.on('sender_open', ({ sender }) => {
      out = sender
    })
    container.on('message', ({ message }) => out?.send(message!))
    server = container.listen({ port: 0, host: '127.0.0.1', max_frame_size: 4096 })
    await once(server, 'listening')
  })

  afterAll(() => void server?.close())

  const port = () => (server.address() as net.AddressInfo).port
  const user = { username: 'ann', password: 'secret', address: 'any' }

  test('rhea works through the proxy, and every frame is shown', () => checkRhea(port(), user))

  test('amqp10 works through the proxy, and every frame is shown', () => checkAmqp10(port(), user))
})
