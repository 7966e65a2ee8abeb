import { createServer } from 'node:net'
import { Aedes } from 'aedes'

export interface Broker {
  readonly port: number
  close(): Promise<void>
}

/** An MQTT broker in this process, on a free port of loopback. */
export async function startBroker(): Promise<Broker> {
  const aedes = await Aedes.createBroker()
  const server = createServer(aedes.handle)
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
  return {
    port,
    close: () =>
      new Promise(resolve => {
        aedes.close(() => server.close(() => resolve()))
      }),
  }
}
