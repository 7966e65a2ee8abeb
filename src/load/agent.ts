import { OutboxMemory } from '../../codecs/core/index.ts'
import { type Dial, dialling } from '../net/index.ts'
import { ScramKeys } from '../scram.ts'
import { loadTrust } from '../tls/index.ts'
import type { Client } from './client.ts'
import type { TroubleMore } from './client-context.ts'
import { clock } from './clock.ts'
import { Group } from './group.ts'
import { maySendText, type Plan, type Share, sendsUnmarked } from './plan.ts'
import {
  type AgentInterval,
  type AgentOptions,
  type FromAgent,
  isFromTheStart,
  type Out,
  type PortableSubscription,
  type Role,
  roleOf,
  type ToAgent,
  type Told,
} from './protocol.ts'
import type { PortableStream, Stream } from './publisher.ts'
import { Stamper, StampReader } from './stamp.ts'
import { Ticker } from './ticker.ts'

/** Milliseconds between looks at what holds publishers up. */
const STALL_LOOK = 400
/** Kinds of trouble that are told apart. */
const MOST_TROUBLES = 100
/** Milliseconds between looks at whether all is done, in the end. */
const LOOK = 50
/** Milliseconds between looks at which messages have waited too long for their answers. */
const EXPIRE = 100
/** Streams of one agent: what the low bits of their numbers count. */
const STREAMS = 2 ** 24

/** One worker's part of a run. */
export class Agent {
  readonly #plan: Plan
  readonly #say: (message: FromAgent) => void
  readonly #now = clock()
  readonly #groups: readonly Group[]
  readonly #ending = new AbortController()
  readonly #ticker: Ticker
  #dirty: Client[] = []
  #flushing = false
  #pumping = false
  #start = Number.POSITIVE_INFINITY
  #stopped = false
  #isServed = false
  #interval = -1
  #intervalFrom: number
  #intervalTimer: NodeJS.Timeout | undefined
  #expiring: NodeJS.Timeout | undefined
  #stallTimer: NodeJS.Timeout | undefined
  #utilization = performance.eventLoopUtilization()
  #troubles = new Map<string, { count: number; readonly first: number; readonly next: string | undefined }>()

  /** Throws a `Failure` where certificates cannot be had. */
  static async create({ plan, share }: AgentOptions, say: (message: FromAgent) => void): Promise<Agent> {
    return new Agent(plan, share, say, dialling(await loadTrust(plan.tls)))
  }

  private constructor(plan: Plan, share: Share, say: (message: FromAgent) => void, dial: Dial) {
    this.#plan = plan
    this.#say = say
    let streams = 0
    const memory = new OutboxMemory()
    const scram = new ScramKeys()
    const inText = plan.groups.some(({ publish }) => publish !== undefined && maySendText(publish))
    const hasUnmarked = plan.groups.some(({ publish }) => publish !== undefined && sendsUnmarked(publish))
    this.#groups = plan.groups.map(
      group =>
        new Group({
          plan: group,
          share,
          dial,
          run: plan.run,
          hasUnmarked,
          stamper: new Stamper(plan.run),
          stamps: new StampReader(plan.run, inText),
          memory,
          scram,
          timeout: plan.timeout * 1000,
          now: this.#now,
          signal: this.#ending.signal,
          number: () => share.index * STREAMS + streams++,
          served: () => this.#serving(),
          wrote: client => this.#wrote(client),
          changed: () => this.#changed(),
          trouble: (why, more) => this.#trouble(why, more),
          made: (group, client, made) => this.#say({ type: 'made', group, client, made }),
        }),
    )
    this.#ticker = new Ticker(() => this.#pump())
    this.#intervalFrom = this.#now()
  }

  hear(message: ToAgent): void {
    switch (message.type) {
      case 'connect':
        void this.#connect(message.which)
        break
      case 'start':
        this.#begin(message.at)
        break
      case 'extend':
        // What could not be sent of the stages before is not this one's.
        for (const group of this.#groups) {
          group.pump?.giveUp(this.#elapsed)
          group.pump?.count(this.#elapsed)
          group.stalls.free(this.#now())
          group.extend(message.stage)
        }
        this.#changed()
        break
      case 'renew':
        for (const group of this.#groups) if (group.plan.name === message.group) group.renew(message.password)
        break
      case 'give-up':
        for (const group of this.#groups) group.giveUp()
        break
      case 'stop':
        this.#stop()
        break
      case 'drain':
        this.#drain()
        break
      case 'finish':
        void this.#finish()
        break
    }
  }

  async #connect(which: Role): Promise<void> {
    const groups = this.#groups.filter(group => roleOf(group.plan) === which && isFromTheStart(group.plan))
    await Promise.all(groups.map(group => group.connect()))
    // Some may have come, and be gone again: their time is over, and the next connection not there yet.
    const ready = groups.reduce((sum, { clients }) => sum + clients.filter(({ wasReady }) => wasReady).length, 0)
    const reached = groups.some(({ clients }) => clients.some(client => client.reached))
    this.#say({ type: 'connected', which, ready, reached, troubles: this.#told() })
  }

  #begin(at: number): void {
    this.#start = at
    for (const group of this.#groups) group.starts(at)
    this.#report(at, false)
    this.#interval = 0
    this.#nextInterval()
    this.#expiring = setInterval(() => this.#expire(), EXPIRE)
    this.#stallTimer = setInterval(() => {
      for (const { stalls } of this.#groups) stalls.look(this.#now())
    }, STALL_LOOK)
    for (const group of this.#groups) {
      if (!isFromTheStart(group.plan)) {
        setTimeout(() => void group.connect(), at - this.#now() + (group.plan.consume?.after ?? 0) * 1000)
      }
    }
    const { seconds } = this.#plan
    if (Number.isFinite(seconds) && this.#publishes) this.#stopAt(at + seconds * 1000)
    this.#pump()
  }

  /** Not before, as timers may be: the last message would be due just then. */
  #stopAt(end: number): void {
    const left = end - this.#now()
    if (left <= 0) this.#stop()
    else setTimeout(() => this.#stopAt(end), Math.ceil(left))
  }

  #nextInterval(): void {
    const due = this.#start + (this.#interval + 1) * this.#plan.interval * 1000
    this.#intervalTimer = setTimeout(
      () => {
        this.#report(this.#now(), false)
        this.#interval++
        this.#nextInterval()
      },
      Math.max(0, due - this.#now()),
    )
  }

  /** Seconds since the start; below 0 before it. */
  get #elapsed(): number {
    return (this.#now() - this.#start) / 1000
  }

  #report(to: number, last: boolean, out = this.#out): void {
    if (!this.#stopped) for (const { pump } of this.#groups) pump?.count((to - this.#start) / 1000)
    const utilization = performance.eventLoopUtilization()
    const { utilization: busy } = performance.eventLoopUtilization(utilization, this.#utilization)
    this.#utilization = utilization
    const stalls = this.#groups.map(group => group.stalls.take(to))
    const held = Math.max(0, ...stalls.map(each => each.held)) / Math.max(1, to - this.#intervalFrom)
    const interval: AgentInterval = {
      type: 'interval',
      number: this.#interval,
      from: this.#intervalFrom,
      to,
      tallies: Object.fromEntries(this.#groups.map(({ plan, tally }) => [plan.name, tally.take()])),
      clients: this.#groups.reduce((sum, { ready }) => sum + ready, 0),
      inFlight: this.#groups.reduce((sum, { open }) => sum + open, 0),
      busy,
      held: Math.min(1, held),
      blocked: stalls.flatMap(({ spans }) => spans),
      out,
      troubles: this.#told(),
      last,
    }
    this.#intervalFrom = to
    this.#say(interval)
  }

  #expire(): void {
    const now = this.#now()
    for (const group of this.#groups) group.expire(now)
  }

  /** Publishes what is due, and sees to being woken when the next is. */
  #pump(): void {
    this.#pumping = false
    const now = this.#now()
    if (this.#stopped) return
    if (now < this.#start) {
      if (Number.isFinite(this.#start)) this.#ticker.at(this.#start)
      return
    }
    let next = Number.POSITIVE_INFINITY
    for (const { pump } of this.#groups) next = Math.min(next, pump?.run(now, this.#start) ?? Number.POSITIVE_INFINITY)
    this.#flush()
    if (this.#publishes && !this.#plan.steered && this.#groups.every(isDone)) this.#stop()
    else if (next <= now) this.#changed()
    else if (Number.isFinite(next)) this.#ticker.at(next)
  }

  get #out(): Out[] {
    return this.#groups.map(({ out }) => out)
  }

  get #publishes(): boolean {
    return this.#groups.some(({ pump }) => pump !== undefined)
  }

  /** There may be room where there was none, or more is due: publishes soon. */
  #changed(): void {
    if (this.#pumping || this.#stopped) return
    this.#pumping = true
    setImmediate(() => this.#pump())
  }

  #wrote(client: Client): void {
    this.#dirty.push(client)
    if (this.#flushing) return
    this.#flushing = true
    process.nextTick(() => this.#flush())
  }

  #flush(): void {
    this.#flushing = false
    const dirty = this.#dirty
    this.#dirty = []
    for (const client of dirty) client.flush()
  }

  /** Publishes nothing more, and says so when nothing is under way. */
  #stop(): void {
    if (this.#stopped) return
    const now = this.#now()
    if (now >= this.#start) for (const { pump } of this.#groups) pump?.run(now, this.#start)
    this.#flush()
    this.#stopped = true
    for (const { pump } of this.#groups) {
      pump?.giveUp((now - this.#start) / 1000)
      pump?.count((now - this.#start) / 1000)
      pump?.stop(now)
    }
    let open = this.#open
    let since = now
    const look = (): void => {
      if (this.#open !== open) {
        open = this.#open
        since = this.#now()
      }
      if (open > 0 && this.#now() - since < this.#plan.drain * 1000) {
        setTimeout(look, LOOK)
        return
      }
      const subscriptions = this.#groups.flatMap(group =>
        group.subscriptions.map(({ group: name, client, source }) => ({ group: name, client, source })),
      )
      this.#say({ type: 'published', at: now, streams: this.#streams(), subscriptions })
    }
    look()
  }

  get #open(): number {
    return this.#groups.reduce((sum, { open }) => sum + open, 0)
  }

  #drain(): void {
    const tell = (): void => {
      if (this.#ending.signal.aborted) return
      const came = Object.fromEntries(this.#groups.map(group => [group.plan.name, cameTo(group)]))
      const replies = this.#groups.reduce((sum, group) => sum + group.replies, 0)
      const waiting = this.#groups.reduce((sum, group) => sum + group.waiting, 0)
      this.#say({ type: 'progress', came, replies, waiting, out: this.#out })
      setTimeout(tell, LOOK)
    }
    tell()
  }

  async #finish(): Promise<void> {
    this.#stopped = true
    const out = this.#out
    this.#ending.abort(new Error('the run ends'))
    clearTimeout(this.#intervalTimer)
    clearInterval(this.#expiring)
    clearInterval(this.#stallTimer)
    await Promise.all(this.#groups.flatMap(({ clients }) => clients.map(client => client.leave())))
    this.#report(this.#now(), true, out)
    const places = Object.fromEntries(this.#groups.map(({ plan, whereabouts }) => [plan.name, whereabouts.places]))
    this.#say({ type: 'result', streams: this.#streams(), subscriptions: this.#subscriptions(), places, out })
    await this.#ticker.end()
  }

  #streams(): PortableStream[] {
    return this.#groups.flatMap(({ clients }) =>
      clients.flatMap(({ publisher }) => publisher?.streams.map(portable) ?? []),
    )
  }

  #subscriptions(): PortableSubscription[] {
    return this.#groups.flatMap(each =>
      each.subscriptions.map(subscription => {
        const { group, client, source, receipts, unmarked } = subscription
        return {
          ...{ group, client, source, unmarked },
          receipts: [...receipts].map(([stream, noted]) => [stream, noted.portable] as const),
          sated: each.isSated(subscription),
        }
      }),
    )
  }

  /** Some consumers are served; all of this worker's may be. */
  #serving(): void {
    const limited = this.#groups.flatMap(({ isServed }) => isServed ?? [])
    if (this.#isServed || limited.length === 0 || limited.includes(false)) return
    this.#isServed = true
    this.#say({ type: 'served' })
  }

  #trouble(reason: string, { next, count = 1 }: TroubleMore = {}): void {
    const known = this.#troubles.get(reason)
    if (known !== undefined) known.count += count
    else if (this.#troubles.size < MOST_TROUBLES) this.#troubles.set(reason, { count, first: this.#now(), next })
  }

  #told(): Told[] {
    const told = [...this.#troubles].map(([reason, { count, first, next }]) => ({ reason, next, count, first }))
    this.#troubles = new Map()
    return told
  }
}

/** Messages that came to a group, each once for every subscription; Infinity where it takes no more. */
const cameTo = ({ isServed, subscriptions }: Group): number =>
  isServed === true
    ? Number.POSITIVE_INFINITY
    : subscriptions
        .flatMap(({ receipts, unmarked }) => [unmarked, ...[...receipts.values()].map(({ count }) => count)])
        .reduce((sum, count) => sum + count, 0)

/** Nothing more will be published by it: all is, or all its clients gave up. */
const isDone = ({ pump, out }: Group): boolean => pump === undefined || pump.over || out.over

const portable = ({ excused, answered, ...stream }: Stream): PortableStream => ({
  ...stream,
  excused: excused?.portable,
  answered: answered?.portable,
})
