import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AnyCodec, Side } from '../../codecs/core/index.ts'
import type { Ending, FlowInfo, Sink } from '../../src/flow.ts'
import { parseRoute } from '../../src/net/index.ts'
import { type ProxyEvent, type ProxyHandle, type ProxyOptions, startProxy } from '../../src/proxy/index.ts'

/** What a sink was told, in order. */
export class Seen implements Sink {
  readonly flows: FlowInfo[] = []
  readonly log: string[] = []
  readonly bytes: Record<Side, Buffer[]> = { client: [], server: [] }
  origin = 0n
  #waiting: { readonly entry: string; readonly resolve: () => void }[] = []

  start(origin: bigint): void {
    this.origin = origin
  }

  open(flow: FlowInfo) {
    this.flows.push(flow)
    this.#note('open')
    return {
      data: (side: Side, bytes: Uint8Array) => {
        this.bytes[side].push(Buffer.from(bytes))
        if (!this.log.at(-1)?.startsWith(`${side} data`)) this.#note(`${side} data`)
      },
      gap: () => this.#note('gap'),
      end: (side: Side, _: number, ending: Ending) => this.#note(`${side} ${ending}`),
      close: () => this.#note('close'),
    }
  }

  text(side: Side): string {
    return Buffer.concat(this.bytes[side]).toString('latin1')
  }

  /** Resolves once this was told. */
  async until(entry: string): Promise<void> {
    if (!this.log.includes(entry)) await new Promise<void>(resolve => this.#waiting.push({ entry, resolve }))
  }

  #note(entry: string): void {
    this.log.push(entry)
    for (const waiting of this.#waiting) if (waiting.entry === entry) waiting.resolve()
  }
}

export interface World {
  readonly seen: Seen
  readonly events: ProxyEvent[]
  readonly handle: ProxyHandle
  /** A client of the proxy. */
  dial(): net.Socket
}

/** A proxy before `upstream` (an address, as on the command line), that ends with the test. */
export async function proxyTo(
  upstream: string,
  {
    listen = '0',
    codecs = [],
    ...options
  }: Partial<ProxyOptions> & { listen?: string; codecs?: readonly AnyCodec[] } = {},
): Promise<World> {
  const seen = new Seen()
  const events: ProxyEvent[] = []
  const route = parseRoute(`${listen}=${upstream}`, codecs)
  const handle = await startProxy({
    routes: [route],
    sink: seen,
    onEvent: event => events.push(event),
    ...options,
  })
  onTestFinished(() => handle.close())
  const dial = (): net.Socket => {
    const { host, port, transport } = handle.routes[0]!.listen
    const socket = net.connect({ allowHalfOpen: true, ...(transport === 'unix' ? { path: host } : { host, port }) })
    onTestFinished(() => void socket.destroy())
    return socket
  }
  return { seen, events, handle, dial }
}

/** An upstream that does `serve` with each connection; returns its address. */
export async function upstream(
  serve: (socket: net.Socket) => void,
  where: net.ListenOptions = { host: '127.0.0.1', port: 0 },
): Promise<string> {
  const server = net.createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket)
    // A test's own end breaks on purpose; what it must see it listens to itself.
    socket.on('error', () => {})
    serve(socket)
  })
  const sockets = new Set<net.Socket>()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(where, resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') return `unix:${address}`
  return `${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`
}

/** A port on loopback where nobody listens. */
export async function deadPort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

/** A directory that goes with the test. */
export async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'mqinspect-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** All that comes until the other side ends. */
export async function everything(socket: net.Socket): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('latin1')
}

/** How a socket ended: `close`, or the code of its error. */
export const ending = (socket: net.Socket): Promise<string> =>
  new Promise(resolve => {
    socket.once('error', error => resolve((error as NodeJS.ErrnoException).code ?? error.message))
    socket.once('close', () => resolve('close'))
  })
