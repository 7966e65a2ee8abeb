import { type AnyCodec, Renumbering, type Side } from '../../codecs/core/index.ts'
import type { CaptureSummary } from '../capture/index.ts'
import { parseDuration } from '../duration.ts'
import type { BySide, Ending, FlowInfo, FlowSink, Sink } from '../flow.ts'
import { inspection } from '../inspection.ts'
import { Inspector, type Observer } from '../inspector.ts'
import { type Address, type Dial, dialling } from '../net/index.ts'
import { ScramKeys } from '../scram.ts'
import { loadTrust, type UpstreamTlsRequest } from '../tls/index.ts'
import { Comparison } from './comparison.ts'
import { Engine } from './engine.ts'
import { parseMap, parseTo } from './options.ts'
import { parsePace } from './pace.ts'
import type { Take } from './take.ts'
import { watch } from './watch.ts'

/** How it is played, and to whom. */
export interface RunRequest extends UpstreamTlsRequest {
  /** Whom to play it to. */
  readonly to: string
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly vhost?: string | undefined
  /** `RECORDED=LIVE` each: addresses that are others now. */
  readonly map?: readonly string[] | undefined
  /** A number, or `max`. */
  readonly speed: string
  /** Messages a second. */
  readonly rate?: number | undefined
  readonly loop: number
  readonly copies: number
  readonly timeout: string
}

/** What looks at a live connection while it is played. */
export interface Onlooker {
  data(side: Side, bytes: Uint8Array): void
  end(side: Side, ending: Ending): void
  close(): void
}

/** Shows the live connections to somebody else as well, to whom their numbers and times mean nothing. */
export type Beside = (info: FlowInfo) => Onlooker

export interface RunOptions {
  readonly signal: AbortSignal
  readonly tell: (what: string) => void
  /** Puts itself between the live connections and who looks at them: a recorder. */
  readonly tap?: (inner: Sink) => Sink
  readonly observe?: (inner: Observer) => Observer
  readonly beside?: Beside | undefined
}

/** A recording that is being played to a live peer, and compared with what comes of it. */
export class Run {
  readonly to: Address
  readonly comparison: Comparison
  readonly #request: RunRequest
  readonly #engine: Engine
  readonly #live: ReturnType<typeof watch>
  readonly #signal: AbortSignal
  #began = performance.now()
  #took: number | undefined

  /** Throws where a request cannot be, as far as that can be told without looking at anything. */
  static check({ to, map = [], speed, rate, timeout }: RunRequest): void {
    parseTo(to)
    parseMap(map)
    parsePace(speed, rate)
    parseDuration(timeout, '--timeout')
  }

  /** Throws where the request cannot be. */
  static async prepare(request: RunRequest, options: RunOptions): Promise<Run> {
    return new Run(request, dialling(await loadTrust(request)), options)
  }

  private constructor(request: RunRequest, dial: Dial, options: RunOptions) {
    const { user, password, vhost, map = [], speed, rate, copies, timeout } = request
    const { signal, tell, tap = same, observe = same, beside } = options
    const to = parseTo(request.to)
    const address = parseMap(map)
    this.to = to
    this.#request = request
    this.#signal = signal
    this.comparison = new Comparison(map.length > 0)
    this.#live = watch(() => this.#engine, this.comparison)
    const live = this.#live
    const sinks = new Map<AnyCodec, Sink>()
    const origin = BigInt(Date.now()) * 1_000_000n
    const names = Array.from({ length: copies }, () => new Renumbering())
    const scram = new ScramKeys({ waits: true })
    this.#engine = new Engine({
      to,
      dial,
      pace: parsePace(speed, rate),
      timeout: parseDuration(timeout, '--timeout'),
      copies,
      player: copy => ({
        user: user ?? to.user,
        password: password ?? to.password,
        virtualHost: vhost,
        address,
        copy,
        names: names[copy] as Renumbering,
        scram,
      }),
      // What is spoken is known, whatever it looks like.
      sink: codec => {
        let sink = sinks.get(codec)
        if (sink === undefined) {
          const decoded = inspection([{ transport: undefined, port: undefined, codec }])
          sink = seen(tap(new Inspector(decoded, observe(live))), beside)
          sink.start(origin)
          sinks.set(codec, sink)
        }
        return sink
      },
      signal,
      tell,
    })
  }

  /** Plays it as often as asked for. Resolves with what is known of the file that it came from. */
  async play(take: Take): Promise<CaptureSummary | undefined> {
    this.#began = performance.now()
    let summary: CaptureSummary | undefined
    try {
      for (let run = 0; run < this.#request.loop && !this.#signal.aborted; run++) {
        if (run > 0) await this.#engine.again()
        summary = await take.read(this.#engine, this.comparison, this.#request.copies)
      }
      await this.#engine.finish()
    } finally {
      this.#engine.destroy()
      this.#live.finish()
      this.#took = performance.now() - this.#began
    }
    this.comparison.finish()
    return summary
  }

  /** Connections that were made, so far. */
  get connections(): number {
    return this.#engine.connections
  }

  /** Frames that were sent, so far. */
  get frames(): number {
    return this.#engine.frames
  }

  /** Connections that could not be played; `leftOut` has how many of them, by the reason. */
  get unplayed(): number {
    return this.#engine.unplayed
  }

  get leftOut(): ReadonlyMap<string, number> {
    return this.#engine.leftOut
  }

  /** Milliseconds since it began; in all, once it is over. */
  get elapsed(): number {
    return this.#took ?? performance.now() - this.#began
  }
}

const same = <T>(inner: T): T => inner

/** Lets an onlooker see what a sink is told. */
function seen(inner: Sink, beside: Beside | undefined): Sink {
  if (beside === undefined) return inner
  return {
    start: origin => inner.start(origin),
    open(info: FlowInfo): FlowSink {
      const flow = inner.open(info)
      const onlooker = beside(info)
      const over: BySide<boolean> = { client: false, server: false }
      return {
        data(side, bytes, time, record, missing) {
          // First: who listens to the flow may answer, and what it says comes after.
          onlooker.data(side, bytes)
          flow.data(side, bytes, time, record, missing)
        },
        gap: (side, length, time, record) => flow.gap(side, length, time, record),
        end(side, time, ending) {
          if (!over[side]) onlooker.end(side, ending)
          over[side] = true
          flow.end(side, time, ending)
        },
        close(time) {
          onlooker.close()
          flow.close(time)
        },
      }
    },
  }
}
