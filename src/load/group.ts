import { setTimeout as pause } from 'node:timers/promises'
import type { AnyCodec, OutboxMemory } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'
import { type Address, type Dial, parseUpstream } from '../net/index.ts'
import { Arrivals, type Schedule, type Stage } from './arrivals.ts'
import { Client, type ClientContext } from './client.ts'
import { spokenAt } from './codec.ts'
import { Consumer, type Subscription } from './consumer.ts'
import { clientsOf, type GroupPlan, type Share } from './plan.ts'
import { Publisher } from './publisher.ts'
import { Pump } from './pump.ts'
import { isLimited, partOf } from './quota.ts'
import { RecordedArrivals } from './recorded/index.ts'
import type { Stamper, StampReader } from './stamp.ts'
import { Tally } from './tally.ts'
import { type Names, Template } from './template.ts'

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
  readonly timeout: number
  readonly now: () => number
  readonly signal: AbortSignal
  /** A number for a stream that no other has. */
  readonly number: () => number
  /** Some consumers have all that they are to have. */
  readonly served: () => void
  readonly wrote: (client: Client) => void
  readonly changed: () => void
  readonly trouble: (why: string) => void
}

/** A worker's part of one group: its clients, and what they do. */
export class Group {
  readonly plan: GroupPlan
  readonly tally = new Tally()
  readonly clients: Client[]
  readonly pump: Pump | undefined
  readonly #addresses: readonly Address[]
  readonly #arrivals: readonly Arrivals[]
  readonly subscriptions: Subscription[] = []
  readonly #options: GroupOptions
  readonly #shared = new Map<string, Subscription>()
  /** Deliveries that its consumers may still take, all together. */
  readonly #takes: { left: number }
  /** Clients that the peer asked not to publish, and why. */
  readonly blocked = new Map<Client, string>()

  constructor(options: GroupOptions) {
    const { plan, share } = options
    this.#options = options
    this.plan = plan
    const { consume } = plan
    this.#takes = { left: consume === undefined ? 0 : partOf(consume.quota, share, plan.clients) }
    this.#addresses = plan.urls.map(url => parseUpstream(url, codecs))
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
        patience: patience * 1000,
        tally: this.tally,
      })
    }
    const context = this.#context()
    this.clients = numbers.map(number => this.#client(number, context))
    for (const client of this.clients) this.pump?.add(client)
  }

  /** Another stage of open arrivals. */
  extend(stage: Stage): void {
    for (const arrivals of this.#arrivals) arrivals.extend(stage)
  }

  /** Messages under way. */
  get open(): number {
    return this.clients.reduce((sum, { publisher }) => sum + (publisher?.open ?? 0), 0)
  }

  /** Deliveries that wait for a consumer's work. */
  get waiting(): number {
    return this.clients.reduce((sum, { consumer }) => sum + (consumer?.waiting ?? 0), 0)
  }

  /** Answers that came to requests. */
  get replies(): number {
    return this.clients.reduce((sum, { replies }) => sum + replies, 0)
  }

  /** Whether its consumers have all that they are to have; undefined where there is no end to it. */
  get isServed(): boolean | undefined {
    const { consume } = this.plan
    if (consume === undefined || !isLimited(consume.quota)) return undefined
    return this.clients.every(({ consumer }) => consumer?.isOver)
  }

  /** Whether all that share a subscription took what they were to take, so that more may be there. */
  isSated({ client }: Subscription): boolean {
    const own = client === undefined ? this.clients : this.clients.filter(each => each.number === client)
    return own.every(({ consumer }) => consumer?.isSated)
  }

  get ready(): number {
    return this.clients.reduce((sum, { state }) => sum + (state === 'ready' ? 1 : 0), 0)
  }

  /** Connects all, as fast as the plan wants it, and resolves when each is ready or was given up. */
  async connect(): Promise<void> {
    const { plan, share, now, signal } = this.#options
    const rate = (plan.connectRate * this.clients.length) / plan.clients
    const began = now()
    let open = 0
    // Not a race of all that are being made, each of which would be waited for as often as there are others.
    let ended = (): void => {}
    for (const [at, client] of this.clients.entries()) {
      const due = Number.isFinite(rate) ? began + ((at + share.index / share.of) / rate) * 1000 : 0
      for (let left = due - now(); left > 0 && !signal.aborted; left = due - now()) await pause(left)
      // Without a rate, so many at a time as a listener's queue surely holds.
      const most = Number.isFinite(rate) ? Number.POSITIVE_INFINITY : MOST_CONNECTING
      while (open >= most && !signal.aborted) await new Promise<void>(resolve => (ended = resolve))
      if (signal.aborted) break
      open++
      void client.connect().then(() => {
        open--
        ended()
      })
    }
    while (open > 0) await new Promise<void>(resolve => (ended = resolve))
  }

  #context(): ClientContext {
    const { plan, dial, stamps, memory, timeout, now, signal, wrote, changed, trouble } = this.#options
    const codec = spokenAt(plan.protocol, this.#addresses[0] as Address) as AnyCodec
    return {
      plan,
      codec,
      dial,
      tally: this.tally,
      stamps,
      memory,
      timeout,
      now,
      signal,
      wrote,
      changed,
      trouble,
      blocked: (client, why) => {
        if (why === undefined) this.blocked.delete(client)
        else this.blocked.set(client, why)
      },
    }
  }

  #client(number: number, context: ClientContext): Client {
    const { plan, stamper, stamps, now, number: streamNumber } = this.#options
    const { publish, consume } = plan
    const { urls, localAddresses } = plan
    const address = this.#addresses[number % urls.length] as Address
    // Each of them to each of the upstreams.
    const localAddress = localAddresses[Math.floor(number / urls.length) % localAddresses.length]
    const user = plan.user ?? address.user ?? ''
    const naming = { client: number, user, group: plan.name }
    const clientId = new Template(plan.clientId, { ...naming, clientId: '' }).text
    const names: Names = { ...naming, clientId }
    const publisher =
      publish === undefined
        ? undefined
        : new Publisher({
            plan: publish,
            names,
            clients: plan.clients,
            inFlight: plan.inFlight,
            run: this.#options.run,
            stamper,
            tally: this.tally,
            number: streamNumber,
          })
    const sources = consume?.sources.map(source => new Template(source, names).text) ?? NONE
    const client: Client = new Client(context, {
      number,
      address,
      localAddress,
      clientId,
      destinations: publisher?.destinations ?? NONE,
      sources,
      publisher,
      consumer:
        consume === undefined
          ? undefined
          : new Consumer({
              plan: consume,
              client: number,
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

/** Of very many clients that only stay connected. */
const NONE: readonly string[] = []

/** Connections that are being made at once, where no rate is asked for. */
const MOST_CONNECTING = 128

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
