import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { codecs } from '../../codecs/index.ts'
import { EXIT, Failure } from '../failure.ts'
import { formatAddress, parseUpstream } from '../net/index.ts'
import type { Stage } from './arrivals.ts'
import { clock } from './clock.ts'
import { Gathered } from './gather.ts'
import { gone, mayReturn } from './gone.ts'
import { endsConsumed, type Plan } from './plan.ts'
import { type Awaited, expected } from './proof.ts'
import {
  type AgentOptions,
  type FromAgent,
  isFromTheStart,
  type MadeBy,
  type Out,
  type PortableSubscription,
  type Role,
  roleOf,
  type SubscriptionName,
  type ToAgent,
  type Told,
} from './protocol.ts'
import type { PortableStream } from './publisher.ts'
import type { Interval, Place } from './result.ts'
import type { Secrets } from './secrets/index.ts'
import { intervalsOf } from './stages.ts'
import { threadFile } from './thread.ts'
import { placesOf } from './whereabouts.ts'

export interface RunOptions {
  readonly plan: Plan
  readonly workers: number
  readonly secrets: Secrets
  /** Ends the run in order: nothing more is published, what is under way is awaited. */
  readonly signal: AbortSignal
  /** Told of every interval, once it is whole, and of all that was gathered so far. */
  readonly interval: (interval: Interval, gathered: Gathered) => void
  readonly phase: (phase: Phase) => void
  /** Told of what clients make that outlives them, where that is to be taken away. */
  readonly made: (made: MadeBy) => void
  /** Decides on the rate as the run goes on; without it, the plan's stages are all there is. */
  readonly steer?: ((steering: Steering) => Promise<void>) | undefined
}

/** How far a run is: clients connect, messages are published, what is under way at the end is waited for. */
export type Phase = 'connecting' | 'running' | 'draining'

/** What a search for a rate can do with a run. */
export interface Steering {
  /** Nothing is due for `settling` seconds, then this stage; resolves with the intervals that lie in it. */
  stage(stage: Stage, settling: number): Promise<readonly Interval[]>
  /** Whether no publisher has a connection. */
  readonly lost: boolean
}

export interface Ran {
  readonly gathered: Gathered
  readonly streams: readonly PortableStream[]
  readonly subscriptions: readonly PortableSubscription[]
  /** By the group's name. */
  readonly places: Readonly<Record<string, readonly Place[]>>
  /** Clients that had no connection at the end, before any left. */
  readonly out: readonly Out[]
  /** Of the wall clock, milliseconds since 1970. */
  readonly started: number
  /** Seconds until publishing ended. */
  readonly seconds: number
  readonly workers: number
}

/** Milliseconds from when all are ready until the first message is due. */
const LEAD = 50

/** Runs a plan with so many agents, each in a thread of its own, and gathers what they tell. */
export async function run(options: RunOptions): Promise<Ran> {
  const { signal, secrets } = options
  const most = Math.max(...options.plan.groups.map(({ clients }) => clients))
  const workers = Math.max(1, Math.min(options.workers, most))
  const gathered: Gathered = new Gathered(workers, interval => {
    options.interval(interval, gathered)
    if (idleFor(interval) >= options.plan.idle) say({ type: 'stop' })
  })
  const idleFor = idling()
  const now = clock()
  const groups = await secrets.of(options.plan.groups, {
    renewed: (group, password) => say({ type: 'renew', group, password }),
    trouble: reason => gathered.trouble({ troubles: [{ reason, count: 1, first: now() }] }),
  })
  const plan = { ...options.plan, groups }
  const agents: Remote[] = Array.from(
    { length: workers },
    (_, index) => new Remote({ plan, share: { index, of: workers } }),
  )
  const say = (message: ToAgent): void => {
    for (const agent of agents) agent.say(message)
  }
  try {
    for (const agent of agents) {
      agent.on('interval', interval => gathered.add(interval))
      agent.on('made', made => options.made(made))
    }
    if (endsConsumed(plan)) {
      void Promise.all(agents.map(agent => agent.next('served'))).then(
        () => say({ type: 'stop' }),
        () => {},
      )
    }
    const published = Promise.all(agents.map(agent => agent.next('published')))
    let [start, started] = [0, 0]
    const begin = (): void => {
      start = now() + LEAD
      started = Date.now() + LEAD
      gathered.start(start)
      say({ type: 'start', at: start })
      options.phase('running')
    }
    const giveUp = (): void => say({ type: 'give-up' })
    signal.addEventListener('abort', giveUp)
    options.phase('connecting')
    // Where nothing is published, connecting is what is looked at.
    const connects = plan.groups.every(({ publish }) => publish === undefined)
    if (connects) begin()
    for (const which of ['consumers', 'publishers'] as const) {
      // Where nobody is meant, what went wrong meanwhile is no matter of theirs.
      if (!plan.groups.some(group => roleOf(group) === which && isFromTheStart(group))) continue
      const { ready, reached, trouble } = await connect(agents, which, gathered, signal)
      if (ready === 0 && trouble !== undefined && !signal.aborted) throw notThere(plan, which, trouble, reached)
    }
    signal.removeEventListener('abort', giveUp)
    if (!connects) begin()
    else if (Number.isFinite(plan.seconds)) setTimeout(() => say({ type: 'stop' }), plan.seconds * 1000).unref()
    const stop = (): void => say({ type: 'stop' })
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    await options.steer?.(steering(gathered, plan, say, signal))
    if (options.steer !== undefined) stop()
    const all = await published
    signal.removeEventListener('abort', stop)
    const ended = Math.max(...all.map(({ at }) => at))
    options.phase('draining')
    await drained(agents, say, plan, all, signal)
    const results = Promise.all(agents.map(agent => agent.next('result')))
    say({ type: 'finish' })
    const told = await results
    return {
      gathered,
      streams: told.flatMap(({ streams }) => streams),
      subscriptions: told.flatMap(({ subscriptions }) => subscriptions),
      places: Object.fromEntries(
        plan.groups.map(({ name }) => [name, placesOf(told.flatMap(({ places }) => places[name] ?? []))]),
      ),
      out: told.flatMap(({ out }) => out),
      started,
      seconds: (ended - start) / 1000,
      workers,
    }
  } finally {
    await Promise.all(agents.map(agent => agent.end()))
  }
}

/** Told of each interval, says for how many seconds up to its end nothing was delivered. */
function idling(): (interval: Interval) => number {
  let since = 0
  return ({ to, counts }) => {
    if (counts.delivered + counts.duplicates + counts.foreign > 0) since = to
    return to - since
  }
}

async function connect(
  agents: readonly Remote[],
  which: Role,
  gathered: Gathered,
  signal: AbortSignal,
): Promise<{ readonly ready: number; readonly reached: boolean; readonly trouble?: Told | undefined }> {
  if (signal.aborted) return { ready: 0, reached: false }
  const connected = Promise.all(agents.map(agent => agent.next('connected')))
  for (const agent of agents) agent.say({ type: 'connect', which })
  const all = await connected
  for (const told of all) gathered.trouble(told)
  const [trouble] = all.flatMap(({ troubles }) => troubles)
  return {
    ready: all.reduce((sum, told) => sum + told.ready, 0),
    reached: all.some(({ reached }) => reached),
    trouble,
  }
}

/** Without any consumers, or publishers, a run tells nothing. */
function notThere({ groups }: Plan, which: Role, { reason, next }: Told, reached: boolean): Failure {
  const theirs = groups.filter(group => roleOf(group) === which)
  const where = [...new Set(theirs.flatMap(({ urls }) => urls.map(url => formatAddress(parseUpstream(url, codecs)))))]
  const others = theirs.flatMap(({ protocol, version }) => {
    const { versions = [] } = codecs.find(({ id }) => id === protocol)?.drive ?? {}
    return versions.filter(each => each !== (version ?? versions[0]))
  })
  // Where nobody was reached, it is no matter of what was said.
  const [other] = reached ? others : []
  const what = reached ? 'See whether it takes these credentials' : 'See whether the broker listens there'
  const otherwise =
    other === undefined ? `${what}.` : `${what}, or speaks another version: --protocol-version ${other}.`
  return new Failure(`no client could connect to ${where.join(', ')}: ${reason}`, {
    exit: EXIT.connection,
    next: next ?? otherwise,
  })
}

/** Waits until all that can be expected has come, and who lost all connections is back; or nothing more does. */
async function drained(
  agents: readonly Remote[],
  say: (message: ToAgent) => void,
  plan: Plan,
  all: readonly { readonly streams: readonly PortableStream[]; readonly subscriptions: readonly SubscriptionName[] }[],
  signal: AbortSignal,
): Promise<void> {
  const subscriptions = all.flatMap(each => each.subscriptions)
  const wanted = expected(
    plan,
    all.flatMap(({ streams }) => streams),
    subscriptions,
  )
  const told = new Map<Remote, Extract<FromAgent, { type: 'progress' }>>()
  say({ type: 'drain' })
  await new Promise<void>(resolve => {
    let before = ''
    let since = performance.now()
    for (const agent of agents) {
      agent.on('progress', progress => {
        told.set(agent, progress)
        const { deliveries, replies, waiting } = sum([...told.values()])
        const now = `${[...deliveries.values()].join(' ')} ${replies} ${waiting}`
        if (now !== before) since = performance.now()
        before = now
        const came =
          replies >= wanted.replies &&
          [...wanted.deliveries].every(([group, count]) => (deliveries.get(group) ?? 0) >= count)
        const out = [...told.values()].flatMap(each => each.out)
        const back = signal.aborted || !mayReturn(plan, out)
        const done = told.size === agents.length && came && waiting === 0 && back
        if (done || performance.now() - since > plan.drain * 1000) resolve()
      })
    }
  })
}

/** What all agents told, together. */
function sum(all: readonly Extract<FromAgent, { type: 'progress' }>[]): Awaited & { readonly waiting: number } {
  const deliveries = new Map<string, number>()
  for (const { came } of all) {
    for (const [group, count] of Object.entries(came)) deliveries.set(group, (deliveries.get(group) ?? 0) + count)
  }
  const of = (name: 'replies' | 'waiting'): number => all.reduce((total, each) => total + each[name], 0)
  return { deliveries, replies: of('replies'), waiting: of('waiting') }
}

/** Stages one after the other, each for all agents. */
function steering(gathered: Gathered, plan: Plan, say: (message: ToAgent) => void, signal: AbortSignal): Steering {
  let end = 0
  return {
    stage: async (stage, settling) => {
      // Both at once: told when it begins, a stage would begin with messages that are late already.
      say({ type: 'extend', stage: { from: 0, to: 0, seconds: settling } })
      say({ type: 'extend', stage })
      const from = end + settling
      end = from + stage.seconds
      const last = (): number => gathered.intervals.at(-1)?.to ?? Number.NEGATIVE_INFINITY
      while (last() < end - plan.interval / 4 && !signal.aborted) await pause(plan.interval * 100)
      return intervalsOf(gathered.intervals, from, end)
    },
    get lost() {
      const publishers = plan.groups.filter(({ publish }) => publish !== undefined)
      const without = gone(plan, gathered.out)
      return publishers.every(({ name }) => without.some(({ group }) => group === name))
    },
  }
}

/** An agent in a thread. */
class Remote {
  readonly #worker: Worker
  readonly #heard = new Map<FromAgent['type'], ((message: never) => void)[]>()
  readonly #failed: Promise<never>

  constructor(workerData: AgentOptions) {
    this.#worker = new Worker(threadFile('agent-thread'), { workerData })
    this.#failed = new Promise((_, reject) => {
      this.#worker.on('error', reject)
      this.#worker.on('message', (message: FromAgent) => {
        if (message.type === 'failed') reject(new Failure(message.message, { exit: EXIT.failed }))
        for (const listener of this.#heard.get(message.type) ?? []) listener(message as never)
      })
    })
    // Whoever waits for something hears of it; nobody may.
    this.#failed.catch(() => {})
  }

  say(message: ToAgent): void {
    this.#worker.postMessage(message)
  }

  on<T extends FromAgent['type']>(type: T, listener: (message: Extract<FromAgent, { type: T }>) => void): void {
    const listeners = this.#heard.get(type) ?? []
    this.#heard.set(type, [...listeners, listener as (message: never) => void])
  }

  next<T extends FromAgent['type']>(type: T): Promise<Extract<FromAgent, { type: T }>> {
    return Promise.race([
      this.#failed,
      new Promise<Extract<FromAgent, { type: T }>>(resolve => {
        this.on(type, resolve)
      }),
    ])
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}
