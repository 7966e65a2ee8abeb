import { createServer, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import { answer, LEVEL } from './modern.ts'

export interface Broker {
  readonly port: number
  close(): Promise<void>
}

/** Where CONNECT has its protocol level: behind a one-byte remaining length and "MQTT" (MQTT 5 §3.1.2.2). */
const LEVEL_AT = 8

/** An MQTT broker in this process, on a free port of loopback. */
export async function startBroker(): Promise<Broker> {
  const aedes = await Aedes.createBroker()
  const server = createServer(socket => {
    socket.once('data', first => {
      socket.pause()
      socket.unshift(first)
      if ((first as Buffer)[LEVEL_AT] === LEVEL) answer(socket)
      else aedes.handle(socket)
      socket.resume()
    })
    socket.on('error', () => socket.destroy())
    open.add(socket)
    socket.on('close', () => open.delete(socket))
  })
  const open = new Set<Socket>()
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
  return {
    port,
    async close() {
      await new Promise<void>(resolve => aedes.close(() => resolve()))
      for (const socket of open) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
