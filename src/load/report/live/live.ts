import type { Plan } from '../../plan.ts'
import type { Interval } from '../../result.ts'
import { MetricsEndpoint, parsePlace } from './endpoint.ts'
import { OtlpExporter, parseOtlp } from './exporter.ts'
import { otlpMetrics } from './otlp.ts'
import { peersOf } from './peers.ts'
import { exposition } from './prometheus.ts'
import { Totals } from './totals.ts'

export interface LiveRequest {
  /** `[HOST:]PORT` where Prometheus may ask. */
  readonly prometheus?: string | undefined
  /** URL of a collector. */
  readonly otlp?: string | undefined
  /** Whether that may be another machine. */
  readonly 'otlp-anywhere': boolean
}

export interface LiveRun {
  readonly plan: Pick<Plan, 'groups'>
  readonly run: string
  readonly version: string
  readonly tell: (what: string) => void
}

/** A run's numbers for who watches from elsewhere, while it goes on. */
export class LiveMetrics {
  readonly #totals = new Totals()
  #endpoint: MetricsEndpoint | undefined
  #exporter: OtlpExporter | undefined

  private constructor() {}

  /** Throws a failure that its user can understand where it cannot be. */
  static async start({ prometheus, otlp, ...request }: LiveRequest, of: LiveRun): Promise<LiveMetrics> {
    const { run, version, tell } = of
    const live = new LiveMetrics()
    const place = prometheus === undefined ? undefined : parsePlace(prometheus, '--prometheus')
    const url = otlp === undefined ? undefined : parseOtlp(otlp, request['otlp-anywhere'])
    const peers = peersOf(of.plan)
    if (place !== undefined) {
      const labels = { run, version, protocol: peers.all.protocol }
      live.#endpoint = await MetricsEndpoint.listen(place, () => exposition(live.#totals, labels))
      tell(`metrics at ${live.#endpoint.url}`)
    }
    if (url !== undefined) {
      const started = Date.now()
      const body = (): object => otlpMetrics(live.#totals, { run, version, peers, started, now: Date.now() })
      live.#exporter = new OtlpExporter(url, body, tell)
    }
    return live
  }

  add(interval: Interval): void {
    if (this.#endpoint !== undefined || this.#exporter !== undefined) this.#totals.add(interval)
  }

  async close(): Promise<void> {
    await this.#exporter?.close()
    await this.#endpoint?.close()
  }
}
