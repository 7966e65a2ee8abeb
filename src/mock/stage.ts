import { type AnyCodec, type Packet, Renumbering } from '../../codecs/core/index.ts'
import { type Flow, type FlowInfo, formatEndpoint, type Sink } from '../flow.ts'
import type { Observer } from '../inspector.ts'
import {
  type Address,
  advice,
  cannotListen,
  errnoOf,
  type Incoming,
  isDatagram,
  LEFT,
  type Listener,
  type ListenHandlers,
  reason,
} from '../net/index.ts'
import { unshown } from '../unshown.ts'
import { Castings } from './casting.ts'
import { Ensemble } from './ensemble.ts'
import { Peer } from './peer.ts'
import { Performance } from './performance.ts'
import type { Script } from './script.ts'
import type { Signatures } from './signatures.ts'
import type { Tally } from './tally.ts'

export interface StageOptions {
  readonly scripts: readonly Script[]
  readonly signatures: Signatures
  readonly tally: Tally
  /** So many times as fast as recorded; Infinity: at once. */
  readonly speed: number
  readonly loop: boolean
  readonly strict: boolean
  readonly listen: (address: Address, handlers: ListenHandlers) => Promise<Listener>
  /** Milliseconds that a client may take for its TLS handshake. */
  readonly timeout: number
  readonly signal: AbortSignal
  readonly tell: (what: string, next?: string) => void
  /** A connection began (`live` are open now), or ended. */
  readonly changed: (connections: number, live: number) => void
}

/** Milliseconds after which who says nothing is taken to have left: with all done that is recorded, and with less. */
const [SILENT_DONE, SILENT] = [1_000, 10_000] as const

/** Where clients meet the recorded broker: accepts them, and gives each the connection that it is like. */
export class Stage implements Observer {
  /** That were accepted so far. */
  connections = 0
  readonly names = new Renumbering()
  readonly castings: Castings
  readonly ensemble = new Ensemble()
  readonly #options: StageOptions
  readonly #began = performance.now()
  readonly #live = new Map<number, { readonly peer: Peer; readonly performance: Performance | undefined }>()
  #sink: Sink | undefined
  #listener: Listener | undefined

  constructor(options: StageOptions) {
    this.#options = options
    this.castings = new Castings(options.scripts, options.signatures, options.loop)
  }

  get signatures(): Signatures {
    return this.#options.signatures
  }

  get tally(): Tally {
    return this.#options.tally
  }

  get strict(): boolean {
    return this.#options.strict
  }

  get loop(): boolean {
    return this.#options.loop
  }

  /** Milliseconds for nanoseconds of the recording. */
  scaled(recorded: number): number {
    return Math.max(0, recorded) / 1e6 / this.#options.speed
  }

  /** Rejects where it cannot listen. Answers with where it does. */
  async listen(address: Address, sink: Sink): Promise<Address> {
    this.#sink = sink
    try {
      this.#listener = await this.#options.listen(address, {
        incoming: client => void this.#accept(client),
        failed: error => this.#options.tell(`a client could not be accepted: ${reason(error)}`),
      })
    } catch (error) {
      throw cannotListen(address, error, 'Listen elsewhere: --listen :20000.')
    }
    return this.#listener.address
  }

  packet(flow: Flow, packet: Packet): void {
    if (packet.side !== 'client') return
    const live = this.#live.get(flow.id)
    if (live === undefined || live.peer.over) return
    const performance = live.performance ?? this.#begin(flow, live.peer)
    performance?.heard(packet)
  }

  closed(flow: Flow): void {
    const [carrier] = flow.carriers.slice(flow.unwrapped?.length ?? 0)
    const what = carrier === undefined ? unshown(flow)?.what : `it speaks ${carrier.name}, which is not played`
    if (what !== undefined) this.#options.tell(`${formatEndpoint(flow.client)}: ${what}`)
  }

  /** Whether everybody who is here seems to have left: over datagrams nobody says so. */
  get isSilent(): boolean {
    const now = performance.now()
    return [...this.#live.values()].every(({ peer, performance: played }) => {
      const silence = now - peer.stirred
      if (silence < SILENT_DONE || played?.isSpeaking === true) return false
      return silence >= SILENT || played === undefined || played.isDone
    })
  }

  /** Accepts no more, and ends every connection. */
  close(): void {
    this.#listener?.close()
    for (const [id, { peer }] of this.#live) {
      peer.end(false)
      peer.flush()
      this.#over(id)
    }
  }

  async #accept(incoming: Incoming): Promise<void> {
    const { signal, timeout, tell } = this.#options
    const patience = { timeout, signal }
    try {
      const hello = await incoming.hello(patience)
      const codecs = new Set(this.#options.scripts.map(({ codec }) => codec))
      const known = [...codecs].flatMap(({ subprotocols = [] }) => subprotocols)
      const connection = await incoming.accept(
        hello?.protocols.find(name => known.includes(name)),
        patience,
      )
      if (signal.aborted) connection.reset()
      else this.#open(connection)
    } catch (error) {
      incoming.refuse()
      if (signal.aborted || errnoOf(error) === LEFT) return
      const client = formatEndpoint(incoming.peer)
      tell(`${client}: ${reason(error, 'client')}`, advice(error, 'client'))
    }
  }

  #open(connection: Awaited<ReturnType<Incoming['accept']>>): void {
    const id = ++this.connections
    const { address } = this.#listener as Listener
    const { stream, peer: client, carriers, startTls } = connection
    const info: FlowInfo = {
      id,
      transport: isDatagram(address) ? 'datagram' : 'stream',
      client,
      server: address,
      started: this.#now(),
      joined: 'start',
      unwrapped: carriers,
    }
    const sink = (this.#sink as Sink).open(info)
    const peer = new Peer(connection, sink, this.#now)
    this.#live.set(id, { peer, performance: undefined })
    this.#options.changed(this.connections, this.#live.size)
    if (startTls !== undefined) {
      sink.data('client', startTls.ask, this.#now(), 0, 0)
      sink.data('server', startTls.agree, this.#now(), 0, 0)
    }
    connection.read(chunk => {
      // Acts keep views of what they were read from.
      peer.stirred = performance.now()
      sink.data('client', connection.lends ? chunk.slice() : chunk, this.#now(), 0, 0)
      this.#live.get(id)?.performance?.turn()
      peer.flush()
    })
    stream.on('drain', () => {
      this.#live.get(id)?.performance?.turn()
      peer.flush()
    })
    const ended = (ending: 'fin' | 'reset'): void => {
      // What it was saying is no fault of its.
      peer.end(false)
      sink.end('client', this.#now(), ending)
      peer.flush()
    }
    stream.on('end', () => ended('fin'))
    stream.on('error', () => ended('reset'))
    stream.on('close', () => {
      ended('reset')
      sink.close(this.#now())
      this.#over(id)
    })
  }

  /** Undefined where the recording has nothing for what this client speaks. */
  #begin(flow: Flow, peer: Peer): Performance | undefined {
    const codec = flow.codec as AnyCodec
    if (codec.mock === undefined || !this.#options.scripts.some(script => script.codec.id === codec.id)) {
      this.#options.tell(`${formatEndpoint(flow.client)}: it speaks ${codec.name}, of which the recording has nothing`)
      peer.end(true)
      return undefined
    }
    const performance = new Performance(flow.id, this, peer, codec)
    this.#live.set(flow.id, { peer, performance })
    return performance
  }

  #over(id: number): void {
    const live = this.#live.get(id)
    if (live === undefined) return
    this.#live.delete(id)
    live.performance?.close()
    for (const { performance } of this.#live.values()) performance?.abandoned()
    this.#options.changed(this.connections, this.#live.size)
  }

  readonly #now = (): number => Math.round((performance.now() - this.#began) * 1e6)
}
