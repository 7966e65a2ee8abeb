import { randomInt } from 'node:crypto'
import { createRequire } from 'node:module'
import { parseDuration } from '../duration.ts'
import { EXIT, usage } from '../failure.ts'
import { Output, styleFor } from '../output/index.ts'
import type { TlsRequest } from '../tls/index.ts'
import { parseCount, parseStages } from './amounts.ts'
import type { Spacing } from './arrivals.ts'
import type { Plan } from './plan.ts'
import {
  evaluate,
  IntervalLines,
  LiveMetrics,
  type LiveRequest,
  parseThreshold,
  ReportFiles,
  summaryText,
} from './report/index.ts'
import type { Interval, StageResult } from './result.ts'
import { run } from './run.ts'
import { limitOf, search } from './search.ts'
import { type GroupSpec, groupOf, hasVersion, mayLoad, optionsFor } from './spec.ts'
import { runName, summarize } from './summarize.ts'
import { planWords } from './words.ts'

/** The flags of the command, as they were given. */
export interface LoadRequest extends Pick<TlsRequest, 'ca' | 'insecure' | 'client-cert' | 'client-key'>, LiveRequest {
  readonly upstream: readonly string[]
  readonly 'consume-from'?: readonly string[] | undefined
  readonly protocol?: string | undefined
  readonly 'protocol-version'?: string | undefined
  readonly publishers: number
  readonly consumers: number
  readonly idle: number
  readonly destination: readonly string[]
  readonly source?: readonly string[] | undefined
  readonly rate?: string | undefined
  readonly stages?: string | undefined
  readonly spacing: Spacing
  readonly 'in-flight'?: number | undefined
  readonly count?: string | undefined
  readonly duration?: string | undefined
  readonly size?: readonly string[] | undefined
  readonly body?: readonly string[] | undefined
  readonly 'body-file'?: readonly string[] | undefined
  readonly 'content-type'?: string | undefined
  readonly header?: readonly string[] | undefined
  readonly 'drop-after'?: string | undefined
  readonly request: boolean
  readonly ack: boolean
  readonly 'ack-every': number
  readonly credit?: number | undefined
  readonly work?: string | undefined
  readonly reject?: string | undefined
  readonly requeue?: string | undefined
  readonly 'consume-after'?: string | undefined
  readonly option?: readonly string[] | undefined
  readonly qos?: number | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly vhost?: string | undefined
  readonly 'client-id'?: string | undefined
  readonly 'keep-alive'?: number | undefined
  readonly 'connect-rate'?: string | undefined
  readonly lifetime?: string | undefined
  readonly reconnect: string
  readonly timeout: string
  readonly drain: string
  readonly workers: number
  readonly threshold?: readonly string[] | undefined
  readonly 'find-limit'?: string | undefined
  readonly step: string
  readonly 'allow-loss': boolean
  readonly report?: readonly string[] | undefined
  readonly interval: string
  readonly 'yes-i-own-this-broker': boolean
  readonly json: boolean
  readonly quiet: boolean
  readonly 'no-color': boolean
}

const STDOUT = 1
/** Seconds that a run takes, where nothing is said. */
const SECONDS = 10
/** Messages a second that a search begins with. */
const SEARCH_FROM = 500

/** Loads a broker. Returns the exit code. */
export async function load(request: LoadRequest, signal: AbortSignal): Promise<number> {
  const thresholds = (request.threshold ?? []).map(text => parseThreshold(text))
  const wanted = request['find-limit'] === undefined ? undefined : parseThreshold(request['find-limit'], '--find-limit')
  const plan = planOf(request, wanted !== undefined)
  const files = await ReportFiles.open(request.report ?? [])
  const words = planWords(plan)
  const output = new Output(STDOUT)
  const lines = new IntervalLines()
  if (!request.quiet) for (const line of words) tell(line)
  const { version } = createRequire(import.meta.url)('mqinspect/package.json') as { version: string }
  const live = await LiveMetrics.start(request, { plan, run: runName(plan), version, tell })
  let steps: StageResult[] | undefined
  const ran = await run({
    plan,
    workers: request.workers,
    signal,
    interval: interval => {
      live.add(interval)
      if (request.json) output.write(`${JSON.stringify(rowOf(interval))}\n`)
      else if (!request.quiet) output.write(`${lines.line(interval)}\n`)
    },
    steer:
      wanted === undefined
        ? undefined
        : async steering => {
            steps = await search(steering, {
              from: request.rate === undefined ? SEARCH_FROM : parseCount(request.rate, '--rate'),
              step: parseDuration(request.step, '--step') / 1000,
              holds: evidence => evaluate(wanted, evidence).ok,
              tell: step => {
                if (!request.quiet) tell(stepWords(step))
              },
              signal,
            })
          },
  }).finally(() => live.close())
  const interrupted = signal.aborted
  const allowLoss = request['allow-loss']
  const result = summarize(plan, ran, { version, words, thresholds, interrupted, steps, allowLoss })
  if (request.json) output.write(`${JSON.stringify({ result })}\n`)
  else output.write(summaryText(result, styleFor(process.stdout, request['no-color'])))
  await output.end()
  await files.write(result)
  if (steps !== undefined && limitOf(steps) === undefined) return EXIT.threshold
  if (thresholds.length > 0 && result.thresholds.some(({ ok }) => !ok)) return EXIT.threshold
  // Above the rate that holds, a search loses what it likes.
  return result.proof.ok || steps !== undefined ? EXIT.done : EXIT.failed
}

function planOf(request: LoadRequest, steered: boolean): Plan {
  const { publishers, consumers, idle, count } = request
  if (publishers + consumers + idle === 0) {
    throw usage('there is nobody to do anything', 'Say --publishers, --consumers or --idle.')
  }
  const seconds = secondsOf(request, steered)
  const options = [...(request.option ?? []), ...(request.qos === undefined ? [] : [`qos=${request.qos}`])]
  const common: Omit<GroupSpec, 'name'> = {
    upstream: request.upstream,
    protocol: request.protocol,
    'protocol-version': request['protocol-version'],
    user: request.user,
    password: request.password,
    vhost: request.vhost,
    'client-id': request['client-id'],
    'keep-alive': request['keep-alive'],
    'in-flight': request['in-flight'],
    credit: request.credit,
    option: options,
    'connect-rate': request['connect-rate'],
    lifetime: request.lifetime,
    reconnect: request.reconnect,
  }
  const specs: GroupSpec[] = []
  if (publishers > 0) {
    specs.push({
      ...common,
      name: 'publishers',
      clients: publishers,
      publish: {
        to: request.destination,
        rate: request.rate ?? (request['in-flight'] !== undefined && request.stages === undefined ? 'max' : undefined),
        stages: request.stages,
        spacing: request.spacing,
        size: request.size,
        body: request.body,
        'body-file': request['body-file'],
        'content-type': request['content-type'],
        header: request.header,
        count,
        'drop-after': request['drop-after'],
        request: request.request,
      },
    })
  }
  if (consumers > 0) {
    specs.push({
      ...common,
      name: 'consumers',
      upstream: request['consume-from'] ?? request.upstream,
      clients: consumers,
      consume: {
        from: request.source ?? request.destination,
        ack: request.ack,
        'ack-every': request['ack-every'],
        work: request.work,
        reject: request.reject,
        requeue: request.requeue,
        after: request['consume-after'],
        reply: request.request,
      },
    })
  }
  if (idle > 0) specs.push({ ...common, name: 'idle', clients: idle })
  // An option is for those who have it; one that nobody has is a mistake, which the first group tells.
  const known = new Set(specs.flatMap(spec => optionsFor(spec, options)))
  const versions = new Set(specs.filter(hasVersion).map(({ name }) => name))
  const groups = specs.map(spec => {
    const own = optionsFor(spec, options)
    const version = versions.has(spec.name) || versions.size === 0 ? spec['protocol-version'] : undefined
    const option = [...own, ...options.filter(each => !known.has(each))]
    return groupOf({ ...spec, option, 'protocol-version': version }, seconds)
  })
  mayLoad(groups, request['yes-i-own-this-broker'])
  return {
    run: randomInt(2 ** 32),
    groups: steered ? groups.map(group => steerable(group)) : groups,
    seconds,
    steered,
    drain: parseDuration(request.drain, '--drain') / 1000,
    interval: parseDuration(request.interval, '--interval') / 1000,
    timeout: parseDuration(request.timeout, '--timeout') / 1000,
    tls: {
      ca: request.ca,
      insecure: request.insecure === true,
      'client-cert': request['client-cert'],
      'client-key': request['client-key'],
    },
  }
}

/** What is due comes from the search, stage by stage. */
const steerable = (group: Plan['groups'][number]): Plan['groups'][number] =>
  group.publish === undefined ? group : { ...group, publish: { ...group.publish, stages: [] } }

/** How long the run is to be; Infinity where it ends with its messages. */
function secondsOf({ duration, stages, count }: LoadRequest, steered: boolean): number {
  if (steered) return Number.POSITIVE_INFINITY
  if (duration !== undefined) return parseDuration(duration, '--duration') / 1000
  if (stages !== undefined) return parseStages(stages, '--stages').reduce((sum, { seconds }) => sum + seconds, 0)
  return count === undefined ? SECONDS : Number.POSITIVE_INFINITY
}

/** An interval as a line: without the histograms themselves, which the summary has. */
function rowOf({ measures, ...rest }: Interval): object {
  const rows = Object.entries(measures).map(([name, { latency, service }]) => [name, { latency, service }])
  return { interval: rest.to, ...rest, measures: Object.fromEntries(rows) }
}

function stepWords({ rate, achieved, held }: StageResult): string {
  const [asked, got] = [rate, achieved].map(value => Math.round(value).toLocaleString('en'))
  return `${asked}/s: ${held === true ? 'holds' : 'does not hold'} (${got}/s answered)`
}

function tell(what: string): void {
  process.stderr.write(`mqinspect: ${what}\n`)
}
