import { once } from 'node:events'
import net from 'node:net'
import { onTestFinished } from 'vitest'
import {
  type AnyCodec,
  type Conversation,
  converse,
  type Frame,
  FrameReader,
  type Side,
} from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'
import { inspection } from '../../src/inspection.ts'
import { Inspector } from '../../src/inspector.ts'
import { loadScripts } from '../../src/mock/load.ts'
import { Signatures } from '../../src/mock/signatures.ts'
import { Stage } from '../../src/mock/stage.ts'
import { Tally, type Verdict } from '../../src/mock/tally.ts'
import { parseListen, transports } from '../../src/net/index.ts'
import { INFO, record } from '../recording/record.ts'
import { bytesOf, type Said } from '../tracking/story.ts'

/** What was said on a connection, in order; `ms` passes on all of them. In the end clients leave, who did not. */
export type Recorded<F extends Frame> = readonly (readonly [
  connection: number,
  said: Said<F> | { readonly ends: Side },
])[]

export interface TheatreOptions {
  readonly speed?: number
  readonly loop?: boolean
  readonly strict?: boolean
}

export interface Theatre {
  client(): Promise<Client>
  /** `subscribe a/#: again`, each that did not go as recorded, when all clients are gone. */
  deviations(): Promise<string[]>
  /** How many came to this end, of a type of the client's frames. */
  count(type: string, verdict: Verdict): number
  readonly told: readonly string[]
}

export interface Client {
  // biome-ignore lint/suspicious/noExplicitAny: the frames are those of the codec
  say(...frames: readonly any[]): void
  /** The next frames that it hears, once there are so many. */
  // biome-ignore lint/suspicious/noExplicitAny: the frames are those of the codec
  hear(count?: number): Promise<any[]>
  /** What it heard and nobody asked for. */
  readonly rest: readonly Frame[]
  /** Resolves when the mock ended the connection. */
  readonly left: Promise<void>
  leave(): Promise<void>
}

/** A recording, played in this process to clients of the test's making. */
export async function theatre<F extends Frame>(
  codec: AnyCodec,
  context: unknown,
  recorded: Recorded<F>,
  { speed = Number.POSITIVE_INFINITY, loop = false, strict = false }: TheatreOptions = {},
): Promise<Theatre> {
  const path = await recordingOf(codec, context, recorded)
  const signatures = new Signatures()
  const { scripts } = await loadScripts(
    { path },
    { inspection: inspection(), capture: { ports: new Set(codec.ports) }, signatures },
  )
  const tally = new Tally(signatures)
  const told: string[] = []
  const over = new AbortController()
  let live = 0
  let settled = (): void => {}
  const stage = new Stage({
    ...{ scripts, signatures, tally, speed, loop, strict },
    listen: transports()(parseListen(':0', codecs)).listen,
    timeout: 1000,
    signal: over.signal,
    tell: what => told.push(what),
    changed: (_, now) => {
      live = now
      if (live === 0) settled()
    },
  })
  const sink = new Inspector(inspection([{ transport: undefined, port: undefined, codec }]), stage)
  const { port } = await stage.listen(parseListen(':0', codecs), sink)
  onTestFinished(() => {
    over.abort()
    stage.close()
  })
  return {
    client: () => connect(codec, context, port),
    deviations: async () => {
      if (live > 0) {
        await new Promise<void>(resolve => {
          settled = resolve
        })
      }
      return tally.deviations.told.map(({ from, kind, address, verdict, count, done, recorded }) => {
        const times = count > 1 ? ` ×${count}` : ''
        return `${from === 'server' ? '< ' : ''}${kind}${address === '' ? '' : ` ${address}`}: ${verdict}${times}${done === undefined ? '' : `: ${done}, then ${recorded}`}`
      })
    },
    count: (type, verdict) => tally.kinds.get(`client ${codec.id} ${type}`)?.counts[verdict] ?? 0,
    told,
  }
}

/** A millisecond passes from one to the next. */
async function recordingOf<F extends Frame>(codec: AnyCodec, context: unknown, recorded: Recorded<F>): Promise<string> {
  const { path } = await record(
    sink => {
      const flows = new Map<number, ReturnType<typeof sink.open>>()
      let time = 0
      for (const [id, said] of recorded) {
        time += 'ms' in said ? said.ms * 1e6 : 1e6
        let flow = flows.get(id)
        if (flow === undefined) {
          const server = { host: '127.0.0.1', port: codec.ports[0] as number }
          const client = { host: '127.0.0.1', port: 50_000 + id }
          flow = sink.open({ ...INFO, id, server, client, started: time - 1000 })
          flows.set(id, flow)
        }
        if ('ends' in said) flow.end(said.ends, time, 'fin')
        else if ('client' in said) flow.data('client', bytesOf(codec, said.client, context), time, 0, 0)
        else if ('server' in said) flow.data('server', bytesOf(codec, said.server, context), time, 0, 0)
      }
      for (const flow of flows.values()) {
        flow.end('client', time + 1e6, 'fin')
        flow.end('server', time + 2e6, 'fin')
        flow.close(time + 3e6)
      }
    },
    { codecs: [codec], keepSecrets: true },
  )
  return path
}

async function connect(codec: AnyCodec, context: unknown, port: number): Promise<Client> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  const conversation: Conversation = converse(codec)
  const heard: Frame[] = []
  let wake = (): void => {}
  const left = once(socket, 'end').then(() => {})
  onTestFinished(() => void socket.destroy())
  const take = (): void => {
    for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) {
      if (packet.side === 'server') heard.push(reader.read(codec, packet).frame)
    }
    wake()
  }
  socket.on('data', chunk => {
    conversation.push('server', chunk.slice(), 0)
    take()
  })
  const client: Client = {
    say: (...frames) => {
      for (const frame of frames) {
        const bytes = bytesOf(codec, frame, context)
        conversation.push('client', bytes, 0)
        take()
        socket.write(bytes)
      }
    },
    hear: async (count = 1) => {
      while (heard.length < count) {
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      return heard.splice(0, count)
    },
    rest: heard,
    left,
    leave: async () => {
      socket.end()
      await left
    },
  }
  return client
}

const reader = new FrameReader()
