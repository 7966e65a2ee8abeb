import { randomInt } from 'node:crypto'
import { parseDuration } from '../duration.ts'
import { Failure, usage } from '../failure.ts'
import { upstreamTls } from '../tls/index.ts'
import { parseStages } from './amounts.ts'
import type { GroupPlan, Plan } from './plan.ts'
import { rhythmOf } from './publishing.ts'
import type { RunSettings, RunSpec, StepSpec } from './run-spec.ts'
import { type GroupSpec, groupOf } from './spec.ts'

export type LoadStepSpec = Extract<StepSpec, { readonly kind: 'load' }>

/** Seconds that a step takes, where nothing is said. */
const SECONDS = 10

/** Steered: what is due comes from a search. */
export function planOf(step: LoadStepSpec, { settings, blame }: RunSpec, steered: boolean): Plan {
  const seconds = secondsOf(step, settings, steered)
  const groups = step.groups.map(group => {
    try {
      return groupOf(group, seconds)
    } catch (error) {
      throw error instanceof Failure ? (blame?.(step.name, group.name, error) ?? error) : error
    }
  })
  const times = timesOf(settings)
  return {
    run: randomInt(2 ** 32),
    groups: steered ? groups.map(steerable) : groups,
    seconds,
    steered,
    ...times,
    interval: steered ? dividing(stepOf(settings), times.interval) : times.interval,
    tls: upstreamTls(settings),
  }
}

/** Seconds that a search holds each rate. */
export const stepOf = ({ step = '5s' }: RunSettings): number => parseDuration(step, '--step') / 1000

/** An interval of which a step has a whole number, and two at least: a step is told by the intervals that lie in it. */
export const dividing = (step: number, interval: number): number =>
  step / Math.max(LEAST_INTERVALS, Math.ceil(step / interval))

const LEAST_INTERVALS = 2

function timesOf(settings: RunSettings): Pick<Plan, 'drain' | 'idle' | 'interval' | 'timeout'> {
  const { drain, interval, timeout, 'until-idle': idle } = settings
  const seconds = (text: string | undefined, name: string): number => {
    if (text === undefined) throw usage(`--${name} is missing`)
    return parseDuration(text, `--${name}`) / 1000
  }
  return {
    drain: seconds(drain, 'drain'),
    idle: idle === undefined ? Number.POSITIVE_INFINITY : seconds(idle, 'until-idle'),
    interval: seconds(interval, 'interval'),
    timeout: seconds(timeout, 'timeout'),
  }
}

/** What is due comes from the search, stage by stage. */
const steerable = (group: GroupPlan): GroupPlan =>
  group.publish === undefined ? group : { ...group, publish: { ...group.publish, stages: [] } }

/**
 * How long a step is to be: as said, or as its longest stages take; Infinity where it ends with its messages, or with
 * those that others left in queues.
 */
function secondsOf({ duration, groups }: LoadStepSpec, { 'until-idle': idle }: RunSettings, steered: boolean): number {
  if (steered) return Number.POSITIVE_INFINITY
  if (duration !== undefined) return parseDuration(duration, '--duration') / 1000
  const publishing = groups.flatMap(({ publish }) => publish ?? [])
  if (publishing.length === 0 && idle !== undefined) return Number.POSITIVE_INFINITY
  const staged = publishing.flatMap(({ stages }) => (stages === undefined ? [] : stagesSeconds(stages)))
  if (staged.length > 0) return Math.max(...staged)
  const once = publishing.flatMap(each => rhythmOf(each)?.seconds ?? [])
  if (once.length > 0) return Math.max(...once)
  const consuming = groups.flatMap(({ consume }) => consume ?? [])
  if (consuming.length > 0 && consuming.every(each => each['consume-count'] !== undefined)) {
    return Number.POSITIVE_INFINITY
  }
  const counted = publishing.length > 0 && publishing.every(({ count }) => count !== undefined)
  return counted ? Number.POSITIVE_INFINITY : SECONDS
}

const stagesSeconds = (stages: string): number =>
  parseStages(stages, '--stages').reduce((sum, { seconds }) => sum + seconds, 0)

/** Everything that a run would load. */
export const targetsOf = ({ steps }: RunSpec): string[] =>
  steps.flatMap(step => {
    if (step.kind === 'load') return step.groups.flatMap(({ upstream = [] }: GroupSpec) => upstream)
    return step.kind === 'replay' ? step.replay.to : []
  })
