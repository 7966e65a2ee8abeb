import net from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { parseRoute } from '../../src/net/index.ts'
import { adviceOn, describeEvent, startProxy } from '../../src/proxy/index.ts'
import { deadPort, directory, ending, everything, proxyTo, Seen, upstream } from './world.ts'

const echo = (socket: net.Socket): void => void socket.pipe(socket)

test('what either side sends arrives, and is seen', async () => {
  const { dial, seen, handle } = await proxyTo(await upstream(echo))
  const client = dial()
  client.end('hello')
  expect(await everything(client)).toBe('hello')
  await seen.until('close')
  expect(seen.text('client')).toBe('hello')
  expect(seen.text('server')).toBe('hello')
  expect(seen.log).toEqual(
    ['open', 'client data', 'server data', 'client fin', 'server fin', 'close'].sort(order(seen.log)),
  )
  expect(seen.flows[0]).toMatchObject({ id: 1, transport: 'stream', joined: 'start' })
  expect(seen.flows[0]!.client.port).not.toBe(handle.routes[0]!.listen.port)
  expect(seen.flows[0]!.route).toMatch(/^127\.0\.0\.1:\d+ → 127\.0\.0\.1:\d+$/)
  expect(handle.connections).toBe(0)
})

/** The order of `log`, where all it says are these words: which side's turn it was is the scheduler's business. */
const order = (log: readonly string[]) => (a: string, b: string) => log.indexOf(a) - log.indexOf(b)

test('times count from a moment of the wall clock', async () => {
  const before = BigInt(Date.now()) * 1_000_000n
  const { seen } = await proxyTo(await upstream(echo))
  expect(seen.origin).toBeGreaterThanOrEqual(before)
  expect(seen.origin).toBeLessThanOrEqual(BigInt(Date.now()) * 1_000_000n)
})

test('bytes are with the other side before anything looks at them, whatever comes of looking', async () => {
  const failing = {
    start: () => {},
    open: () => ({
      data: () => {
        throw new Error('a decoder with a bug')
      },
      gap: () => {},
      end: () => {},
      close: () => {},
    }),
  }
  const { dial, events } = await proxyTo(await upstream(echo), { sink: failing })
  const client = dial()
  client.write('one')
  expect(await once(client)).toBe('one')
  client.end('two')
  expect(await everything(client)).toBe('two')
  const told = events.filter(({ type }) => type === 'decoding-failed')
  expect(told).toHaveLength(1)
  expect(describeEvent(told[0]!)).toContain('a decoder with a bug')
})

test('a sink that cannot even open a flow costs the flow nothing', async () => {
  const sink = {
    start: () => {},
    open: () => {
      throw new Error('no')
    },
  }
  const { dial } = await proxyTo(await upstream(echo), { sink })
  const client = dial()
  client.end('hello')
  expect(await everything(client)).toBe('hello')
})

const once = (socket: net.Socket): Promise<string> =>
  new Promise(resolve => socket.once('data', chunk => resolve(chunk.toString())))

test('each half of a connection ends by itself', async () => {
  const address = await upstream(socket => {
    // Answers only when it has heard all.
    void everything(socket).then(text => socket.end(`${text.length} bytes`))
  })
  const { dial, seen } = await proxyTo(address)
  const client = dial()
  client.end('x'.repeat(1000))
  expect(await everything(client)).toBe('1000 bytes')
  await seen.until('close')
  expect(seen.log.indexOf('client fin')).toBeLessThan(seen.log.indexOf('server data'))
})

test('a server that ends first still hears the client', async () => {
  let heard: Promise<string> | undefined
  const address = await upstream(socket => {
    socket.end('bye')
    heard = everything(socket)
  })
  const { dial, seen } = await proxyTo(address)
  const client = dial()
  expect(await everything(client)).toBe('bye')
  client.end('last words')
  await seen.until('close')
  expect(await heard).toBe('last words')
})

test('bytes sent one by one arrive in order', async () => {
  const { dial, seen } = await proxyTo(await upstream(echo))
  const client = dial()
  client.setNoDelay(true)
  const text = Array.from({ length: 300 }, (_, at) => String.fromCharCode(33 + (at % 90))).join('')
  void (async () => {
    for (const char of text) {
      client.write(char)
      await new Promise(setImmediate)
    }
    client.end()
  })()
  expect(await everything(client)).toBe(text)
  await seen.until('close')
  expect(seen.text('client')).toBe(text)
})

test('an upstream that resets resets the client', async () => {
  const address = await upstream(socket => {
    socket.once('data', () => socket.resetAndDestroy())
  })
  const { dial, seen, events } = await proxyTo(address)
  const client = dial()
  client.write('hello')
  expect(await ending(client)).toBe('ECONNRESET')
  await seen.until('close')
  expect(seen.log).toContain('server reset')
  expect(seen.log).not.toContain('client reset')
  expect(events.map(describeEvent).join('\n')).toMatch(/flow 1: server 127\.0\.0\.1:\d+: connection reset/)
})

test('an upstream that ends at the first words, without any of its own, is told of', async () => {
  const address = await upstream(socket => {
    socket.once('data', () => socket.end())
  })
  const { dial, seen, events } = await proxyTo(address)
  const client = dial()
  client.write('hello')
  expect(await everything(client)).toBe('')
  client.end()
  await seen.until('close')
  const [told] = events.filter(({ type }) => type === 'misfit')
  expect(describeEvent(told!)).toBe(
    'flow 1: the upstream ended the connection at what the client said first, without a word',
  )
  expect(adviceOn(told!)).toBe(
    `If it speaks TLS, give it a scheme with TLS: tls://${address}. Else its log may say why.`,
  )
})

test('a client that ends first is what an upstream may end after without a word', async () => {
  const address = await upstream(socket => {
    socket.on('end', () => socket.end()).resume()
  })
  const { dial, seen, events } = await proxyTo(address)
  dial().end('hello')
  await seen.until('close')
  expect(events.filter(({ type }) => type === 'misfit')).toEqual([])
})

test('a client that resets resets the upstream', async () => {
  let ended: Promise<string> | undefined
  const address = await upstream(socket => {
    ended = ending(socket)
    socket.resume()
  })
  const { dial, seen } = await proxyTo(address)
  const client = dial()
  client.write('hello')
  await seen.until('client data')
  client.resetAndDestroy()
  await seen.until('close')
  expect(seen.log).toContain('client reset')
  expect(await ended).toBe('ECONNRESET')
})

test('where the upstream refuses, the client is turned away and told why', async () => {
  const port = await deadPort()
  const { dial, seen, events } = await proxyTo(`127.0.0.1:${port}`)
  const client = dial()
  client.write('hello')
  expect(await ending(client)).toBe('ECONNRESET')
  expect(events.map(describeEvent).at(-1)).toMatch(
    new RegExp(`^127\\.0\\.0\\.1:${port}: connection refused; 127\\.0\\.0\\.1:\\d+ was turned away$`),
  )
  expect(seen.log).toEqual([])
})

test('where there is no such host, the client is turned away', async () => {
  const { dial, events } = await proxyTo('no-such-host.invalid:1883')
  expect(await ending(dial())).toBe('ECONNRESET')
  expect(events.map(describeEvent).at(-1)).toMatch(/^no-such-host\.invalid:1883: /)
})

test('an upstream that never answers is given up', async () => {
  const { dial, events } = await proxyTo(`127.0.0.1:${await deafPort()}`, { connectTimeout: 200 })
  expect(await ending(dial())).toBe('ECONNRESET')
  expect(events.map(describeEvent).at(-1)).toMatch(/: no answer in 0.2 s; .* was turned away$/)
})

/** A port whose owner accepts nothing, with a queue that is full: the kernel leaves further handshakes unanswered. */
async function deafPort(): Promise<number> {
  const code = `
    const { parentPort } = require('node:worker_threads')
    const server = require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`
  const worker = new Worker(code, { eval: true })
  onTestFinished(() => void worker.terminate())
  const port = await new Promise<number>(resolve => worker.once('message', resolve))
  const queue = Array.from({ length: 4 }, () => net.connect(port, '127.0.0.1').on('error', () => {}))
  onTestFinished(() => queue.forEach(socket => void socket.destroy()))
  await sleep(50)
  return port
}

test('a client that gives up before the upstream answers leaves nothing behind', async () => {
  const { dial, handle, seen } = await proxyTo(`127.0.0.1:${await deafPort()}`, { connectTimeout: 200 })
  const client = dial()
  await new Promise(resolve => client.once('connect', resolve))
  client.resetAndDestroy()
  await sleep(300)
  expect(handle.connections).toBe(0)
  expect(seen.log).toEqual([])
})

test.skipIf(!hasIPv6())('IPv6 on both sides', async () => {
  const address = await upstream(echo, { host: '::1', port: 0 })
  const { dial, seen } = await proxyTo(address, { listen: '[::1]:0' })
  const client = dial()
  client.end('six')
  expect(await everything(client)).toBe('six')
  expect(seen.flows[0]).toMatchObject({ client: { host: '::1' }, server: { host: '::1' } })
})

test.skipIf(!hasIPv6())('an IPv4 client of a listener on all addresses is an IPv4 client', async () => {
  const { handle, seen } = await proxyTo(await upstream(echo), { listen: '[::]:0' })
  const client = net.connect(handle.routes[0]!.listen.port, '127.0.0.1')
  client.end('four')
  expect(await everything(client)).toBe('four')
  expect(seen.flows[0]!.client.host).toBe('127.0.0.1')
})

function hasIPv6(): boolean {
  return Object.values(networkInterfaces()).some(list => list?.some(({ address }) => address === '::1'))
}

test('Unix sockets on both sides', async () => {
  const folder = await directory()
  const address = await upstream(echo, { path: join(folder, 'broker.sock') })
  const { dial, seen } = await proxyTo(address, { listen: `unix:${join(folder, 'proxy.sock')}` })
  const client = dial()
  client.end('local')
  expect(await everything(client)).toBe('local')
  expect(seen.flows[0]!.server).toEqual({ host: join(folder, 'broker.sock'), port: 0 })
  expect(seen.flows[0]!.client).toEqual({ host: join(folder, 'proxy.sock'), port: 0 })
})

test('a Unix socket that breaks is closed on the other side', async () => {
  const folder = await directory()
  const address = await upstream(socket => void socket.once('data', () => socket.destroy()), {
    path: join(folder, 'broker.sock'),
  })
  const { dial } = await proxyTo(address)
  const client = dial()
  client.write('hello')
  expect(await everything(client)).toBe('')
})

test('several routes, each to its own upstream', async () => {
  const seen = new Seen()
  const [one, two] = [
    await upstream(socket => void socket.end('one')),
    await upstream(socket => void socket.end('two')),
  ]
  const handle = await startProxy({ routes: [one, two].map(to => parseRoute(`0=${to}`, [])), sink: seen })
  const texts = await Promise.all(handle.routes.map(({ listen }) => everything(net.connect(listen.port, listen.host))))
  expect(texts).toEqual(['one', 'two'])
  expect(seen.flows.map(({ id }) => id)).toEqual([1, 2])
  await handle.close()
})

test('where one route cannot listen, none does, and it is said which', async () => {
  const taken = await upstream(echo)
  const free = await deadPort()
  const routes = [`${free}=${taken}`, `${taken.split(':')[1]}=127.0.0.1:9`].map(text => parseRoute(text, []))
  await expect(startProxy({ routes, sink: new Seen() })).rejects.toMatchObject({
    exit: 3,
    message: `cannot listen on ${taken}: the port is in use`,
    next: expect.stringContaining('LISTEN=UPSTREAM'),
  })
  expect(await ending(net.connect(free, '127.0.0.1'))).toBe('ECONNREFUSED')
})

test.each([
  ['192.0.2.1:2000', /does not have that address/],
  ['unix:/no/such/directory/socket', /no such directory/],
])('listening on %s fails and says why', async (listen, message) => {
  const route = parseRoute(`${listen}=127.0.0.1:1883`, [])
  await expect(startProxy({ routes: [route], sink: new Seen() })).rejects.toMatchObject({
    exit: 3,
    message: expect.stringMatching(message),
  })
})

test('a route to itself is refused', async () => {
  const route = parseRoute('127.0.0.1:2000=localhost:2000', [])
  await expect(startProxy({ routes: [route], sink: new Seen() })).rejects.toMatchObject({ exit: 2 })
})

test('ending the proxy ends its connections, after what was relayed', async () => {
  const { dial, handle, seen } = await proxyTo(await upstream(echo))
  const client = dial()
  client.write('hello')
  expect(await once(client)).toBe('hello')
  const rest = everything(client)
  client.end()
  await handle.close()
  expect(await rest).toBe('')
  expect(seen.log.at(-1)).toBe('close')
  expect(await ending(dial())).toBe('ECONNREFUSED')
})
