import { usage } from '../failure.ts'
import type { UpstreamTlsRequest } from '../tls/index.ts'
import type { ThemeName } from '../tui/index.ts'
import type { Spacing } from './arrivals.ts'
import { checkShared, fitting } from './options.ts'
import type { LiveRequest } from './report/index.ts'
import type { RunSettings, RunSpec, StepSpec } from './run-spec.ts'
import { CONSUME, DURATION, GROUP, merged, PUBLISH, RUN, readScenario } from './scenario/index.ts'
import type { SecretSpec } from './secrets/index.ts'
import type { ConsumeSpec, GroupSpec, PublishSpec } from './spec.ts'

/** The flags of the command, as they were given. */
export interface LoadRequest extends UpstreamTlsRequest, LiveRequest, SecretSpec {
  readonly upstream: readonly string[]
  /** A file that says the rest. */
  readonly scenario?: string | undefined
  /** The flags that stand on the command line itself. */
  readonly given: ReadonlySet<string>
  readonly 'consume-from'?: readonly string[] | undefined
  readonly protocol?: string | undefined
  readonly 'protocol-version'?: string | undefined
  readonly publishers: number
  readonly consumers: number
  readonly idle: number
  readonly destination: readonly string[]
  readonly source?: readonly string[] | undefined
  readonly spread: boolean
  readonly rate?: string | undefined
  readonly stages?: string | undefined
  readonly spacing: Spacing
  readonly 'in-flight'?: number | undefined
  readonly count?: string | undefined
  readonly duration?: string | undefined
  readonly size?: readonly string[] | undefined
  readonly body?: readonly string[] | undefined
  readonly 'body-file'?: readonly string[] | undefined
  readonly from?: string | undefined
  readonly filter?: string | undefined
  readonly stamp?: 'front' | undefined
  readonly 'content-type'?: string | undefined
  readonly header?: readonly string[] | undefined
  readonly 'drop-after'?: string | undefined
  readonly 'answer-timeout'?: string | undefined
  readonly request: boolean
  readonly ack: boolean
  readonly 'ack-every': number
  readonly credit?: number | undefined
  readonly work?: string | undefined
  readonly 'consume-rate'?: string | undefined
  readonly reject?: string | undefined
  readonly requeue?: string | undefined
  readonly 'consume-count'?: string | undefined
  readonly 'consume-after'?: string | undefined
  readonly option?: readonly string[] | undefined
  readonly qos?: number | undefined
  readonly cleanup: boolean
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly vhost?: string | undefined
  readonly 'client-id'?: string | undefined
  readonly 'keep-alive'?: number | undefined
  readonly 'connect-rate'?: string | undefined
  readonly lifetime?: string | undefined
  readonly 'local-address'?: readonly string[] | undefined
  readonly reconnect: string
  readonly failover?: boolean | undefined
  readonly 'first-client'?: number | undefined
  readonly timeout: string
  readonly 'startup-timeout'?: string | undefined
  readonly drain: string
  readonly 'until-idle'?: string | undefined
  readonly workers: number
  readonly threshold?: readonly string[] | undefined
  readonly 'find-limit'?: string | undefined
  readonly step: string
  readonly 'allow-loss': boolean
  readonly report?: readonly string[] | undefined
  readonly interval: string
  readonly 'yes-i-own-this-broker': boolean
  readonly 'save-scenario'?: string | undefined
  readonly json: boolean
  readonly quiet: boolean
  readonly 'no-color': boolean
  /** On a screen of its own, not printed; and in which colours. */
  readonly screen: boolean
  readonly theme?: ThemeName | undefined
}

/** They say more of whom to ask for tokens; a scenario may say the rest. */
const OF_TOKENS = ['oauth2-client-id', 'oauth2-client-secret', 'oauth2-scope', 'oauth2-parameter'] as const

/** What a scenario has in place of these. */
const NOT_OF_SCENARIOS = ['publishers', 'consumers', 'idle', 'consume-from', 'request'] as const

/** What is run: by the flags alone; or by a scenario, which flags of the command line go before. */
export async function specOf(request: LoadRequest): Promise<RunSpec> {
  const { scenario, upstream, given } = request
  const strange = NOT_OF_SCENARIOS.find(name => scenario !== undefined && given.has(name))
  if (strange !== undefined) throw usage(`--${strange}: it is for the scenario to say`, 'Its groups have clients.')
  const { steps, settings, blame } = scenario === undefined ? byFlags(request) : await readScenario(scenario, upstream)
  const flags = groupFlags(request)
  checkShared(flags, steps.flatMap(groupsOf))
  const filledSteps = steps.map((step): StepSpec => {
    if (step.kind !== 'load') return step
    const own = { duration: step.duration }
    const { duration } = filled<typeof own>(own, { duration: DURATION }, request)
    return { ...step, duration, groups: step.groups.map(group => filledGroup(group, flags)) }
  })
  const lonely = OF_TOKENS.find(name => given.has(name))
  if (lonely !== undefined && !filledSteps.flatMap(groupsOf).some(group => group['oauth2-token-url'] !== undefined)) {
    throw usage(`--${lonely}: nobody asks for tokens`, 'Say where they are to be had: --oauth2-token-url URL.')
  }
  return { settings: filled<RunSettings>(settings, RUN, request), steps: filledSteps, blame }
}

/** What the command line alone says, without what is set elsewhere or usual: what is to be saved. */
export async function saidSpec(request: LoadRequest): Promise<RunSpec> {
  const kept = new Set<string>([...request.given, ...NEEDED])
  const said = Object.fromEntries(Object.entries(request).filter(([name]) => kept.has(name)))
  const { settings, steps } = await specOf(said as unknown as LoadRequest)
  return { settings, steps }
}

/** Without these, there is no run. */
const NEEDED = ['given', 'upstream', 'scenario', 'publishers', 'consumers', 'idle', 'destination']

const groupsOf = (step: StepSpec): readonly GroupSpec[] => (step.kind === 'load' ? step.groups : [])

/** What is said of all groups. */
function groupFlags(request: LoadRequest): Omit<LoadRequest, 'upstream'> {
  const { qos, given, upstream: _, option, ...flags } = request
  return {
    ...flags,
    option: qos === undefined ? option : [...(option ?? []), `qos=${qos}`],
    given: given.has('qos') ? new Set([...given, 'option']) : given,
  }
}

/** Publishers, consumers, and who does nothing, at the same broker. */
function byFlags(request: LoadRequest): RunSpec {
  const { publishers, consumers, idle, upstream, from, given } = request
  // What a recording goes to is known when it is read.
  const destination = from === undefined || given.has('destination') ? request.destination : undefined
  const { source = destination } = request
  const groups: GroupSpec[] = []
  if (publishers > 0) groups.push({ name: 'publishers', upstream, clients: publishers, publish: {} })
  if (consumers > 0) {
    const consume = { source, reply: request.request }
    groups.push({ name: 'consumers', upstream: request['consume-from'] ?? upstream, clients: consumers, consume })
  }
  if (idle > 0) groups.push({ name: 'idle', upstream, clients: idle })
  if (groups.length === 0) {
    throw usage('there is nobody to do anything', 'Say --publishers, --consumers or --idle.')
  }
  return { settings: {}, steps: [{ kind: 'load', name: 'load', groups }] }
}

function filledGroup(group: GroupSpec, all: Omit<LoadRequest, 'upstream'>): GroupSpec {
  const { publish, consume } = group
  const { from = publish?.from, given } = all
  // What is recorded goes where it went, unless it is said where.
  const flags = from === undefined || given.has('destination') ? all : { ...all, destination: undefined }
  return {
    ...filled<GroupSpec>(group, GROUP, fitting(all, group)),
    publish: publish && filled<PublishSpec>(publish, PUBLISH, flags),
    consume: consume && filled<ConsumeSpec>(consume, CONSUME, flags),
  }
}

/** The command line goes before what is said, and that before settings of elsewhere and what is usual. */
function filled<T extends object>(said: T, names: object, { given, ...flags }: Pick<LoadRequest, 'given'>): T {
  const of = (isGiven: boolean): Partial<T> =>
    Object.fromEntries(
      Object.entries(flags).filter(([name]) => Object.hasOwn(names, name) && given.has(name) === isGiven),
    ) as Partial<T>
  return merged(merged(of(false) as T, said), of(true))
}
