import { parseDuration } from '../duration.ts'
import { EXIT, Failure } from '../failure.ts'
import type { Output } from '../output/index.ts'
import type { ReplayRequest } from '../replay/index.ts'
import { parseCount } from './amounts.ts'
import type { Plan } from './plan.ts'
import type { LoadStepSpec } from './planning.ts'
import { evaluate, IntervalLines, type LiveMetrics, parseThreshold, type Threshold } from './report/index.ts'
import type { LoadRequest } from './request.ts'
import type { Interval, LoadResult, StageResult } from './result.ts'
import { run } from './run.ts'
import type { ReplaySettings, RunSettings, StepSpec } from './run-spec.ts'
import { search } from './search.ts'
import { summarize } from './summarize.ts'
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
  /** Nothing that comes after it makes sense. */
  readonly over?: true
}

export interface StepsOptions {
  readonly settings: RunSettings
  readonly request: LoadRequest
  readonly output: Output
  readonly signal: AbortSignal
  readonly live: LiveMetrics
  readonly version: string
  /** Of the run, where it is but one step. */
  readonly thresholds: readonly Threshold[]
}

/** Messages a second that a search begins with. */
const SEARCH_FROM = '500'

/** Does the steps of a run, and shows how they go. */
export class Steps {
  readonly #options: StepsOptions
  readonly #lines = new IntervalLines()
  #began = 0

  constructor(options: StepsOptions) {
    this.#options = options
  }

  async run(step: Prepared): Promise<Outcome> {
    const { name, at, of } = step
    const started = Date.now()
    if (of > 1) this.#tell(`step ${at + 1} of ${of}: ${name}`)
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
    const { request, output, settings, signal, live, version } = this.#options
    const { plan, of, name } = step
    const own = (step.threshold ?? []).map(text => parseThreshold(text))
    const words = planWords(plan)
    for (const line of words) this.#tell(line)
    const { 'find-limit': limit } = settings
    const stages: StageResult[] = []
    let offset: number | undefined
    const ran = await run({
      plan,
      workers: settings.workers ?? 1,
      signal,
      interval: interval => {
        offset ??= this.#offset()
        const placed = { ...interval, from: interval.from + offset, to: interval.to + offset }
        live.add(placed)
        if (request.json) output.write(`${JSON.stringify(rowOf(placed, of > 1 ? name : undefined))}\n`)
        else if (!request.quiet) output.write(`${this.#lines.line(placed)}\n`)
      },
      steer:
        limit === undefined
          ? undefined
          : async steering => {
              const wanted = parseThreshold(limit, '--find-limit')
              const found = await search(steering, {
                from: parseCount(step.groups.find(({ publish }) => publish)?.publish?.rate ?? SEARCH_FROM, '--rate'),
                step: parseDuration(settings.step ?? '5s', '--step') / 1000,
                holds: evidence => evaluate(wanted, evidence).ok,
                tell: stage => this.#tell(stageWords(stage)),
                signal,
              })
              stages.push(...found)
            },
    })
    const result = summarize(plan, ran, {
      version,
      words,
      thresholds: [...this.#options.thresholds, ...own],
      interrupted: signal.aborted,
      steps: limit === undefined ? undefined : stages,
      allowLoss: settings['allow-loss'] === true,
    })
    return { started: ran.started, result, ok: result.proof.ok }
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
    return `waited ${text}`
  }

  async #replay(settings: ReplaySettings): Promise<Pick<Outcome, 'words' | 'ok'>> {
    const { request, output, signal } = this.#options
    const { ca, insecure, 'client-cert': cert, 'client-key': key } = this.#options.settings
    const { play, show } = await import('../replay/index.ts')
    const asked: ReplayRequest = {
      ...{ ca, insecure, 'client-cert': cert, 'client-key': key },
      ...REPLAY_DEFAULTS,
      ...settings,
      ...{ json: request.json, quiet: request.quiet, 'no-color': request['no-color'] },
    }
    const replayed = await play(asked, signal)
    show(asked, replayed, output)
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

  #tell(what: string): void {
    if (!this.#options.request.quiet) process.stderr.write(`mqinspect: ${what}\n`)
  }
}

/** As the flags of `replay` are, where nothing is said. */
const REPLAY_DEFAULTS = { speed: '1', loop: 1, copies: 1, timeout: '10s', 'keep-secrets': false } as const

/** An interval as a line: without the histograms themselves, which the summary has. */
function rowOf({ measures, ...rest }: Interval, step: string | undefined): object {
  const rows = Object.entries(measures).map(([name, { latency, service }]) => [name, { latency, service }])
  return { interval: rest.to, ...(step !== undefined && { step }), ...rest, measures: Object.fromEntries(rows) }
}

function stageWords({ rate, achieved, held }: StageResult): string {
  const [asked, got] = [rate, achieved].map(value => Math.round(value).toLocaleString('en'))
  return `${asked}/s: ${held === true ? 'holds' : 'does not hold'} (${got}/s answered)`
}
