import { setTimeout as pause } from 'node:timers/promises'
import type { AnyCodec, Made, OutboxMemory, ScramCrypto } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'
import type { Address, Dial } from '../net/index.ts'
import { Arrivals, type Schedule, type Stage } from './arrivals.ts'
import { Client } from './client.ts'
import type { ClientContext, TroubleMore } from './client-context.ts'
import { Consumer, type Subscription } from './consumer.ts'
import { addressesOf, codecOf, identityOf, namesOf } from './identity.ts'
import { partOfNames } from './names.ts'
import { clientsOf, type GroupPlan, type Share } from './plan.ts'
import type { Out } from './protocol.ts'
import { Publisher } from './publisher.ts'
import { Pump } from './pump.ts'
import { countdown, isLimited, partOf } from './quota.ts'
import { RecordedArrivals } from './recorded/index.ts'
import { Stalls, UNANSWERED } from './stalls.ts'
import type { Stamper, StampReader } from './stamp.ts'
import { Tally } from './tally.ts'
import { Template } from './template.ts'
import { Whereabouts } from './whereabouts.ts'

export interface GroupOptions {
  readonly plan: GroupPlan
  readonly share: Share
  readonly dial: Dial
  readonly run: number
  readonly stamper: Stamper
  readonly stamps: StampReader
  /** Whether somebody in the run publishes without stamps. */
  readonly hasUnmarked: boolean
  readonly memory: OutboxMemory
  readonly scram: ScramCrypto
  readonly timeout: number
  readonly now: () => number
  readonly signal: AbortSignal
  /** A number for a stream that no other has. */
  readonly number: () => number
  /** Some consumers have all that they are to have. */
  readonly served: () => void
  readonly wrote: (client: Client) => void
  readonly changed: () => void
  readonly trouble: (why: string, more?: TroubleMore) => void
  readonly made: (group: string, client: number, made: Made) => void
}

/** A worker's part of one group: its clients, and what they do. */
export class Group {
  readonly plan: GroupPlan
  readonly tally = new Tally()
  readonly whereabouts = new Whereabouts()
  readonly clients: Client[]
  readonly pump: Pump | undefined
  readonly #addresses: readonly Address[]
  readonly #arrivals: readonly Arrivals[]
  readonly subscriptions: Subscription[] = []
  readonly #options: GroupOptions
  /** Of whoever connects from now on. */
  readonly #login: { password: string | undefined }
  #givenUp = false
  readonly #shared = new Map<string, Subscription>()
  /** Deliveries that its consumers may still take, all together. */
  readonly #takes: { left: number }
  readonly stalls = new Stalls(() => this.#why())
  /** Clients that the peer asked not to publish, and why. */
  readonly #blocked = new Map<Client, string>()

  constructor(options: GroupOptions) {
    const { plan, share } = options
    this.#options = options
    this.plan = plan
    const { consume } = plan
    this.#takes = { left: consume === undefined ? 0 : countdown(partOf(consume.quota, share, plan.clients)) }
    this.#login = { password: plan.password }
    this.#addresses = addressesOf(plan)
    const numbers = clientsOf(plan.clients, share)
    // Sent by one, counted by the other.
    const [arrivals, planned] = [0, 1].map(() => scheduleOf(plan, share) ?? arrivalsOf(plan, numbers.length, share))
    this.#arrivals = [arrivals, planned].filter(each => each instanceof Arrivals)
    const { publish } = plan
    if (publish !== undefined) {
      const { quota, patience } = publish
      this.pump = new Pump({
        arrivals,
        planned,
        most: Math.min(partOf(quota, share, plan.clients), quota.each * numbers.length),
        isEachLimited: Number.isFinite(quota.each),
        patience: patience * 1000,
        tally: this.tally,
        stalls: this.stalls,
      })
    }
    const context = this.#context()
    this.clients = numbers.map(number => this.#client(number, context))
    for (const client of this.clients) this.pump?.add(client)
  }

  /** The run starts at `at`, milliseconds of its clock. */
  starts(at: number): void {
    for (const { publisher, consumer } of this.clients) {
      publisher?.starts(at)
      consumer?.starts(at)
    }
  }

  /** Another stage of open arrivals. */
  extend(stage: Stage): void {
    for (const arrivals of this.#arrivals) arrivals.extend(stage)
  }

  /** Its password is another; a token also for who is connected. */
  renew(password: string): void {
    this.#login.password = password
    if (this.plan.secret?.token === true) for (const client of this.clients) client.renew(password)
  }

  /** Messages that have waited too long for their answer, at `now`, are not waited for any more. */
  expire(now: number): void {
    const { answerTimeout = Number.POSITIVE_INFINITY } = this.plan.publish ?? {}
    if (!Number.isFinite(answerTimeout)) return
    const count = this.clients.reduce((sum, { publisher }) => sum + (publisher?.expire(now) ?? 0), 0)
    if (count > 0) this.#options.trouble(`no answer in ${answerTimeout / 1000} s`, { count })
  }

  /** Messages under way. */
  get open(): number {
    return this.clients.reduce((sum, { publisher }) => sum + (publisher?.open ?? 0), 0)
  }

  /** Deliveries that wait for a consumer's work. */
  get waiting(): number {
    return this.clients.reduce((sum, { consumer }) => sum + (consumer?.waiting ?? 0), 0)
  }

  /** Requests that were answered. */
  get replies(): number {
    return this.clients.reduce((sum, { publisher }) => sum + (publisher?.replies ?? 0), 0)
  }

  /** Clients that should have a connection and have none: how many, since when the last of them, and why. */
  get out(): Out {
    const out = this.clients.flatMap(client => client.out ?? [])
    const last = out.reduce((a, b) => (b.since > a.since ? b : a), { since: Number.NEGATIVE_INFINITY, why: '' })
    const over = this.clients.every(({ state }) => state === 'over')
    return { group: this.plan.name, clients: out.length, over, ...last }
  }

  /** Whether its consumers have all that they are to have; undefined where there is no end to it. */
  get isServed(): boolean | undefined {
    const { consume } = this.plan
    if (consume === undefined || !isLimited(consume.quota)) return undefined
    return this.clients.every(({ consumer }) => consumer?.isOver)
  }

  /** Whether all that have a subscription took what they were to take, so that more may be there. */
  isSated(subscription: Subscription): boolean {
    return this.clients.every(({ consumer }) => consumer?.isSated || consumer?.has(subscription) !== true)
  }

  get ready(): number {
    return this.clients.reduce((sum, { state }) => sum + (state === 'ready' ? 1 : 0), 0)
  }

  /** Connects all, as fast as the plan wants it, and resolves when each is ready or was given up. */
  async connect(): Promise<void> {
    const { plan, share, now } = this.#options
    const rate = (plan.connectRate * this.clients.length) / plan.clients
    const began = now()
    let open = 0
    // Not a race of all that are being made, each of which would be waited for as often as there are others.
    let ended = (): void => {}
    for (const [at, client] of this.clients.entries()) {
      const due = Number.isFinite(rate) ? began + ((at + share.index / share.of) / rate) * 1000 : 0
      for (let left = due - now(); left > 0 && !this.#isOver; left = due - now()) await pause(Math.min(left, PATIENCE))
      // Without a rate, so many at a time as a listener's queue surely holds.
      const most = Number.isFinite(rate) ? Number.POSITIVE_INFINITY : MOST_CONNECTING
      while (open >= most && !this.#isOver) await new Promise<void>(resolve => (ended = resolve))
      if (this.#isOver) break
      open++
      void client.connect().then(() => {
        open--
        ended()
      })
    }
    while (open > 0) await new Promise<void>(resolve => (ended = resolve))
  }

  /** Who is not connected yet will not be. */
  giveUp(): void {
    this.#givenUp = true
    for (const client of this.clients) client.giveUp()
  }

  get #isOver(): boolean {
    return this.#givenUp || this.#options.signal.aborted
  }

  /** Why none of them has room. */
  #why(): string {
    if (this.ready === 0) return 'no connection'
    if (this.clients.some(({ full }) => full)) return 'it reads no more'
    if (this.open > 0) return UNANSWERED
    const grants = codecs.find(({ id }) => id === this.plan.protocol)?.drive?.grants
    return grants === undefined ? 'it takes no more' : `no ${grants} left`
  }

  #context(): ClientContext {
    const { plan, dial, stamps, memory, scram, timeout, now, signal, wrote, changed, trouble, made } = this.#options
    const codec = codecOf(plan)
    return {
      plan,
      login: this.#login,
      codec,
      dial,
      tally: this.tally,
      whereabouts: this.whereabouts,
      stamps,
      memory,
      scram,
      timeout,
      now,
      signal,
      wrote,
      changed,
      trouble,
      made: (client, what) => made(plan.name, client, what),
      blocked: (client, why) => {
        if (why === undefined) this.#blocked.delete(client)
        else this.#blocked.set(client, why)
        const [reason] = this.#blocked.values()
        this.stalls.said(now(), reason)
      },
    }
  }

  #client(number: number, context: ClientContext): Client {
    const { plan, stamper, stamps, now, number: streamNumber } = this.#options
    const { publish, consume } = plan
    const identity = identityOf(plan, number, this.#options.run, this.#addresses)
    const names = namesOf(plan, identity, this.#options.run)
    const publisher =
      publish === undefined
        ? undefined
        : new Publisher({
            plan: publish,
            names,
            settings: plan.settings,
            clients: plan.clients,
            inFlight: plan.inFlight,
            run: this.#options.run,
            stamper,
            tally: this.tally,
            stalls: this.stalls,
            number: streamNumber,
          })
    const { sources: all = NONE, spread = false } = consume ?? {}
    const own = spread ? partOfNames(all, number, plan.clients) : all
    const sources = own.length === 0 ? NONE : own.map(source => new Template(source, names).text)
    const client: Client = new Client(context, {
      ...identity,
      destinations: publisher?.destinations ?? NONE,
      sources,
      publisher,
      consumer:
        consume === undefined
          ? undefined
          : new Consumer({
              plan: consume,
              client: names.client,
              subscriptions: sources.map(source => this.#subscription(context.codec, number, source)),
              stamps,
              hasUnmarked: this.#options.hasUnmarked,
              tally: this.tally,
              now,
              wrote: () => client.settled(),
              hold: holding => client.hold(holding),
              takes: this.#takes,
              over: () => this.#over(),
            }),
    })
    return client
  }

  /** A consumer has its own; where they share it, all do. */
  #over(): void {
    for (const client of this.clients) if (client.consumer?.isOver) client.retire()
    this.#options.served()
  }

  #subscription(codec: AnyCodec, client: number, source: string): Subscription {
    const { plan } = this.#options
    const shared = codec.drive?.shares(source, plan.settings) === true
    const known = this.#shared.get(source)
    if (shared && known !== undefined) return known
    const subscription: Subscription = {
      group: plan.name,
      client: shared ? undefined : client,
      source,
      receipts: new Map(),
      unmarked: 0,
    }
    if (shared) this.#shared.set(source, subscription)
    this.subscriptions.push(subscription)
    return subscription
  }
}

/** Milliseconds after which who waits to connect looks whether it still should. */
const PATIENCE = 100
/** Of very many clients that only stay connected. */
const NONE: readonly string[] = []

/** Connections that are being made at once, where no rate is asked for. */
export const MOST_CONNECTING = 128

function scheduleOf({ publish, clients }: GroupPlan, { index, of }: Share): Schedule | undefined {
  const { rhythm, stages: [stage] = [] } = publish ?? {}
  if (rhythm === undefined || stage === undefined) return undefined
  return new RecordedArrivals(rhythm, { clients, index, of }, stage.seconds)
}

function arrivalsOf({ publish, clients }: GroupPlan, own: number, { index, of }: Share): Arrivals | undefined {
  if (publish?.stages === undefined) return undefined
  const workers = Math.min(of, clients)
  return new Arrivals(publish.stages, publish.spacing, own / clients, index / workers, index + 1)
}
