import { once } from 'node:events'
import type net from 'node:net'
import rhea, { type Sender } from 'rhea'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { checkAmqp10, checkRhea, workRhea } from './amqp10-client.ts'
import { checkMocked } from './recorded.ts'

/** rhea as a broker: what is sent to it goes to whoever receives. */
describe('rhea as a server', () => {
  let server: net.Server
  let web: WebSocketServer

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
    web = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'amqp' })
    web.on('connection', socket => container.websocket_accept(socket as never, { max_frame_size: 4096 } as never))
    await Promise.all([once(server, 'listening'), once(web, 'listening')])
  })

  afterAll(() => {
    server?.close()
    web?.close()
  })

  const port = (of: { address(): unknown } = server) => (of.address() as net.AddressInfo).port
  const user = { username: 'ann', password: 'secret', address: 'any' }

  test('rhea works through the proxy, and every frame is shown', () => checkRhea(port(), user))

  test('rhea works over WebSocket', () => checkRhea(port(web), { ...user, path: '/' }))

  test('rhea works without the server, on a recording of it', () => checkMocked(port(), port => workRhea(port, user)))

  test('amqp10 works through the proxy, and every frame is shown', () => checkAmqp10(port(), user))
})
