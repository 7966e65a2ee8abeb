import { parseDuration } from '../duration.ts'
import { EXIT, Failure } from '../failure.ts'
import type { ReplayRequest } from '../replay/index.ts'
import { upstreamTls } from '../tls/index.ts'
import { parseCount } from './amounts.ts'
import { Ending } from './ending.ts'
import type { Leftovers } from './leftovers.ts'
import type { Plan } from './plan.ts'
import { type LoadStepSpec, stepOf } from './planning.ts'
import { type LiveMetrics, parseThreshold, type Threshold } from './report/index.ts'
import type { LoadRequest } from './request.ts'
import type { LoadResult, ThresholdResult } from './result.ts'
import { run } from './run.ts'
import type { ReplaySettings, RunSettings, StepSpec } from './run-spec.ts'
import { type Searched, search } from './search.ts'
import type { Secrets } from './secrets/index.ts'
import { summarize } from './summarize.ts'
import type { Watch } from './watch.ts'
import { planWords } from './words.ts'

/** A step, and its place among all. */
export type Prepared = ((LoadStepSpec & { readonly plan: Plan }) | Exclude<StepSpec, { readonly kind: 'load' }>) & {
  readonly at: number
  readonly of: number
}

/** What became of a step. */
export interface Outcome {
  readonly name: string
  /** Of the wall clock, milliseconds since 1970. */
  readonly started: number
  /** Of a load. */
  readonly result?: LoadResult
  /** What is to be known of another step. */
  readonly words?: string
  readonly ok: boolean
  /** The threshold that ended it before its time. */
  readonly ended?: ThresholdResult | undefined
  /** Nothing that comes after it makes sense, or is wanted. */
  readonly over?: boolean
}

export interface StepsOptions {
  readonly settings: RunSettings
  readonly request: LoadRequest
  readonly watch: Watch
  readonly secrets: Secrets
  readonly signal: AbortSignal
  readonly live: LiveMetrics
  /** What is to be taken away when all steps are done. */
  readonly leftovers: Leftovers
  readonly version: string
  /** Of the run. */
  readonly thresholds: readonly Threshold[]
  /** Whether the run is but one step. */
  readonly isOnly: boolean
}

/** Messages a second that a search begins with. */
const SEARCH_FROM = '500'

/** Does the steps of a run, for somebody who watches. */
export class Steps {
  readonly #options: StepsOptions
  readonly #results: LoadResult[] = []
  #began = 0

  constructor(options: StepsOptions) {
    this.#options = options
  }

  async run(step: Prepared): Promise<Outcome> {
    const { watch } = this.#options
    watch.step(step)
    const outcome = await this.#outcome(step)
    watch.over(outcome)
    return outcome
  }

  async #outcome(step: Prepared): Promise<Outcome> {
    const { name, at } = step
    const started = Date.now()
    try {
      switch (step.kind) {
        case 'wait':
          return { name, started, ok: true, words: await this.#wait(step.wait) }
        case 'replay':
          return { name, started, ...(await this.#replay(step.replay)) }
        default:
          return { name, ...(await this.#load(step)) }
      }
    } catch (error) {
      // Of what went before, there is something to tell.
      if (at === 0 || !(error instanceof Failure)) throw error
      return { name, started, ok: false, words: error.message, over: true }
    }
  }

  async #load(step: Extract<Prepared, { readonly kind: 'load' }>): Promise<Omit<Outcome, 'name'>> {
    const { watch, settings, signal, secrets, live, leftovers, version, thresholds, isOnly } = this.#options
    const { plan } = step
    const own = (step.threshold ?? []).map(text => parseThreshold(text))
    const { 'find-limit': limit } = settings
    const wanted = limit === undefined ? undefined : parseThreshold(limit, '--find-limit')
    let searched: Searched | undefined
    let offset: number | undefined
    leftovers.expect(plan)
    const ending = new Ending({ thresholds, own, before: this.#results })
    let ended: ThresholdResult | undefined
    const end = new AbortController()
    let running = false
    const ran = await run({
      plan,
      workers: settings.workers ?? 1,
      secrets,
      signal: AbortSignal.any([signal, end.signal]),
      phase: phase => {
        running = phase === 'running'
        watch.phase(phase)
      },
      made: made => leftovers.add(plan, made),
      interval: (interval, gathered) => {
        offset ??= this.#offset()
        const placed = { ...interval, from: interval.from + offset, to: interval.to + offset }
        live.add(placed)
        watch.interval(placed, gathered)
        if (ending.isIdle || !running || ended !== undefined) return
        ended = ending.crossed(gathered, interval.to, placed.to)
        if (ended === undefined) return
        watch.tell(`${ended.threshold}: there is ${ended.shown}`)
        end.abort()
      },
      steer:
        wanted === undefined
          ? undefined
          : async steering => {
              searched = await search(steering, {
                plan,
                threshold: wanted,
                from: parseCount(step.groups.find(({ publish }) => publish)?.publish?.rate ?? SEARCH_FROM, '--rate'),
                step: stepOf(settings),
                trying: (rate, nth) => watch.trying(rate, nth),
                tried: stage => watch.tried(stage),
                signal: AbortSignal.any([signal, end.signal]),
              })
            },
    })
    const result = summarize(plan, ran, {
      version,
      words: planWords(plan),
      // Of a run of several steps, all of it is held against them.
      thresholds: [...(isOnly ? thresholds : []), ...own],
      ended,
      interrupted: signal.aborted,
      search: searched,
      allowLoss: settings['allow-loss'] === true,
    })
    this.#results.push(result)
    const ok = result.proof.ok && result.gone.length === 0
    return { started: ran.started, result, ended, ok, over: ended !== undefined }
  }

  async #wait(text: string): Promise<string> {
    const { signal } = this.#options
    const milliseconds = parseDuration(text, 'wait')
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, milliseconds)
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    })
    return signal.aborted ? `was to wait ${text}, and was interrupted` : `waited ${text}`
  }

  async #replay(settings: ReplaySettings): Promise<Pick<Outcome, 'words' | 'ok'>> {
    const { request, watch, signal } = this.#options
    const { play, show } = await import('../replay/index.ts')
    const asked: ReplayRequest = {
      ...upstreamTls(this.#options.settings),
      ...REPLAY_DEFAULTS,
      ...settings,
      ...{ json: request.json, quiet: request.quiet, 'no-color': request['no-color'] },
    }
    const replayed = await play({ ...asked, quiet: request.quiet || request.screen }, signal)
    watch.print(output => show(asked, replayed, output))
    const { connections, frames, to, comparison, exit } = replayed
    const how = comparison.deviant ? 'not the same as recorded' : 'the same as recorded'
    return { words: `replayed ${connections} connections, ${frames} frames to ${to}: ${how}`, ok: exit === EXIT.done }
  }

  /** Seconds between the beginning of all and now. */
  #offset(): number {
    const now = performance.now()
    if (this.#began === 0) this.#began = now
    return (now - this.#began) / 1000
  }
}

/** As the flags of `replay` are, where nothing is said. */
const REPLAY_DEFAULTS = { speed: '1', loop: 1, copies: 1, timeout: '10s', 'keep-secrets': false } as const
