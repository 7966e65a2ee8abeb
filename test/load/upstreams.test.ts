import { once } from 'node:events'
import net from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LoadResult } from '../../src/load/result.ts'
import { mqinspect } from '../commands/cli.ts'
import { type Broker, freePorts, isMissing, mosquitto } from '../interop/brokers.ts'
import { load } from './load.ts'

/** Which upstreams clients are at: those that come late, those that go, and those of several machines. */

const url = ({ port }: { readonly port: number }): string => `mqtt://127.0.0.1:${port}`

describe.skipIf(isMissing('mosquitto'))('on Mosquitto (skipped where it is not installed)', () => {
  let broker: Broker

  beforeAll(async () => {
    broker = await mosquitto()
  })

  afterAll(() => broker?.stop())

  const idle = ['-x', '0', '-y', '0', '--idle', '4']
  const placesOf = ({ groups }: LoadResult) =>
    groups.flatMap(({ places }) => places.map(({ url: at, connections, clients }) => [at, connections, clients]))

  /** The same broker by another door, which closes once it has let in so many clients, and answered them. */
  async function door(clients: number): Promise<{ readonly port: number }> {
    let answered = 0
    const sockets = new Set<net.Socket>()
    const server = net.createServer(socket => {
      sockets.add(socket)
      const inside = net.connect(broker.port, '127.0.0.1')
      socket
        .on('error', () => {})
        .pipe(inside.on('error', () => {}))
        .pipe(socket)
      inside.once('data', () => {
        if (++answered < clients) return
        server.close()
        for (const each of sockets) each.end()
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { port: (server.address() as net.AddressInfo).port }
  }

  test('an upstream that goes gives its clients to the next, where they stay', async () => {
    const gone = await door(2)
    const args = [...idle, '-z', '3s', '--reconnect', '200ms', '--failover']
    const { result } = await load(url(broker), url(gone), ...args)
    expect(result.counts).toMatchObject({ connected: 4, disconnected: 2, reconnected: 2, failovers: 2 })
    const places = [
      [url(broker), 4, 4],
      [url(gone), 2, 0],
    ]
    expect(placesOf(result).sort()).toEqual(places.sort())
    // One that is not there from the beginning is no other matter.
    const late = await load(url(gone), url(broker), ...idle, '-z', '300ms', '--failover')
    expect(late.result.counts).toMatchObject({ connected: 4, connectFailures: 2, failovers: 2 })
    expect(placesOf(late.result)).toEqual([[url(broker), 4, 4]])
    const strict = await load(url(gone), url(broker), ...idle, '-z', '300ms')
    expect(strict.result.counts).toMatchObject({ connected: 2, failovers: 0 })
  })

  test('clients of several machines have numbers of their own', async () => {
    const args = ['--first-client', '101', '-x', '2', '-y', '1', '-t', 'numbered/%i', '--source', 'numbered/102']
    const { code, result } = await load(url(broker), ...args, '-r', '500', '-c', '100')
    expect({ code, delivered: result.counts.delivered }).toEqual({ code: 0, delivered: 50 })
    expect(result.plan[0]).toContain('numbered from 101 on')
  })

  test('a broker that comes late is waited for, and the run begins then', async () => {
    const [port] = (await freePorts(1)) as [number]
    // As what forwards a port to a container that is not up yet.
    const forwarder = net.createServer(socket => socket.destroy()).listen(port, '127.0.0.1')
    await once(forwarder, 'listening')
    const args = ['load', url({ port }), '--json', '--startup-timeout', '20s', '-r', '100', '-z', '500ms']
    const running = mqinspect(args)
    await Promise.race([once(forwarder, 'connection'), running])
    await new Promise(resolve => forwarder.close(resolve))
    const late = await mosquitto([`listener ${port} 127.0.0.1`])
    try {
      const { code, stdout, stderr } = await running
      const { result } = JSON.parse(stdout.trimEnd().split('\n').at(-1) as string)
      expect({ code, ...result.counts }).toMatchObject({ code: 0, sent: 50, connected: 2, connectFailures: 0 })
      expect(stderr).toContain(`waiting for ${url({ port })}, for 20 s more at most: it hung up`)
      expect(stderr).toMatch(/is there, after \d/)
      expect(result.seconds).toBeLessThan(2)
    } finally {
      await late.stop()
    }
  })
})

test('a broker that does not come in time is told, and leaves with 3', async () => {
  const { code, stderr } = await mqinspect(['load', 'mqtt://127.0.0.1:1', '--startup-timeout', '100ms'])
  expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('was not there within 0.1 s') })
})
