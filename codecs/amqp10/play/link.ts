import { Expected } from '../../core/index.ts'
import type { Attach, Flow, Role } from '../frames.ts'
import { Value } from '../value.ts'
import type { Now, Then } from './incoming.ts'
import type { Run } from './twins.ts'

/** One link, as it was and as it is. Our handle is what it was. */
export class PlayedLink {
  /** Tells it from all others of its session. */
  readonly number: number
  /** Ours. */
  readonly role: Role
  /** Of this run; undefined until the peer, who names it, has attached. */
  name: string | undefined
  handle = 0
  #address: string | undefined
  /** What its messages say is for the broker's transactions [4.2]. */
  coordinator = false
  /** It is not attached in this run, as the peer takes no such handle. */
  refused = false
  /** By the peer. */
  readonly detached: Record<Run, boolean> = { recorded: false, live: false }
  /** We detached it, as the peer did, though the recording does not. */
  answered = false
  /** A delivery of ours that takes several transfers is under way, or is being left out. */
  sending: 'sent' | 'skipped' | undefined
  /** The peer's. */
  readonly receiving: { recorded?: Then | undefined; live?: Now | undefined } = {}
  /** Flows that the peer owes, as we drain or ask for its state. */
  readonly owed: Record<Run, number> = { recorded: 0, live: 0 }
  /** The sender's delivery-count at its attach, and since [2.6.7]. */
  readonly #first: Record<Run, number> = { recorded: 0, live: 0 }
  readonly #count: Record<Run, number> = { recorded: 0, live: 0 }
  /** What the delivery-count may come to in this run; undefined until the receiver has said. */
  #limit: number | undefined
  #starving: Expected | undefined
  #dynamic = false
  readonly #nodes: Record<Run, string | undefined> = { recorded: undefined, live: undefined }

  constructor(number: number, role: Role) {
    this.number = number
    this.role = role
  }

  /** The peer detached it now and did not then, so far. */
  get dead(): boolean {
    return this.refused || (this.detached.live && !this.detached.recorded)
  }

  /** For people. */
  get title(): string {
    return this.#address ?? (this.coordinator ? 'the coordinator' : `link ${this.number}`)
  }

  attach(frame: Attach): void {
    const terminus = remoteOf(frame, this.role)
    this.handle = frame.handle
    this.coordinator = terminus?.coordinator === true
    this.#dynamic = terminus?.dynamic === true
    this.#address ??= terminus?.address
    if (this.role === 'sender') for (const run of ['recorded', 'live'] as const) this.#begin(run, frame)
  }

  /** The peer attaches. The addresses, then and now, of a node that it made up, once both are known. */
  attached(run: Run, frame: Attach): readonly [string, string] | undefined {
    if (this.role === 'receiver') this.#begin(run, frame)
    this.#nodes[run] = remoteOf(frame, this.role)?.address
    this.#address ??= this.#nodes[run]
    const { recorded, live } = this.#nodes
    return this.#dynamic && recorded !== undefined && live !== undefined ? [recorded, live] : undefined
  }

  #begin(run: Run, { initialDeliveryCount = 0 }: Attach): void {
    this.#first[run] = initialDeliveryCount
    this.#count[run] = initialDeliveryCount
  }

  /** One delivery of whoever sends. */
  delivered(run: Run): void {
    this.#count[run] = (this.#count[run] + 1) >>> 0
  }

  /** What the peer says of it. */
  flowed(run: Run, { deliveryCount, linkCredit }: Flow): void {
    if (this.role === 'receiver') {
      // Draining takes it on; what lies behind is what the peer was told, and says back.
      if (deliveryCount !== undefined && ((deliveryCount - this.#count[run]) | 0) > 0) this.#count[run] = deliveryCount
    } else if (run === 'live' && linkCredit !== undefined) {
      this.#limit = ((deliveryCount ?? this.#count.live) + linkCredit) >>> 0
      if (this.#credit <= 0) return
      this.#starving?.meet()
      this.#starving = undefined
    }
  }

  get #credit(): number {
    return this.#limit === undefined ? 0 : (this.#limit - this.#count.live) | 0
  }

  /** What to wait for before a delivery may be sent; undefined where it may. */
  wait(): Expected | undefined {
    if (this.#credit > 0) return undefined
    this.#starving ??= new Expected('credit', true)
    return this.#starving
  }

  /** What a recorded flow of ours says of it now. */
  flow(frame: Flow): Pick<Flow, 'deliveryCount' | 'linkCredit'> {
    const { deliveryCount, linkCredit } = frame
    if (this.role === 'sender') {
      // Drained: what was not used is used up [2.6.7].
      if (frame.drain === true && this.#limit !== undefined) this.#count.live = this.#limit
      return { deliveryCount: deliveryCount === undefined ? undefined : this.#count.live, linkCredit: this.#credit }
    }
    if (frame.drain === true || frame.echo === true) for (const run of ['recorded', 'live'] as const) this.owed[run]++
    if (linkCredit === undefined) return { deliveryCount, linkCredit }
    // What had come then and is on its way now still has its credit.
    const [then, now] = [this.#count.recorded - this.#first.recorded, this.#count.live - this.#first.live]
    const credit = linkCredit + Math.max(0, (then - now) | 0)
    this.#limit = (this.#count.live + credit) >>> 0
    return { deliveryCount: deliveryCount === undefined ? undefined : this.#count.live, linkCredit: credit }
  }

  /** Gives credit for what had come by now: some servers send more than there is. True where there was too little. */
  urge(): boolean {
    if (this.role === 'sender') return false
    const had = (this.#count.recorded - this.#first.recorded) >>> 0
    const short = (this.#first.live + had - (this.#limit ?? this.#count.live)) | 0
    if (short <= 0) return false
    this.#limit = (this.#first.live + had) >>> 0
    return true
  }

  /** What a flow of this run says of it. */
  get state(): Pick<Flow, 'handle' | 'deliveryCount' | 'linkCredit'> {
    return { handle: this.handle, deliveryCount: this.#count.live, linkCredit: Math.max(0, this.#credit) }
  }
}

interface Terminus {
  readonly address?: string | undefined
  readonly dynamic?: boolean | undefined
  readonly coordinator?: boolean
}

/** The node at the peer's end, for the end that has this role. */
function remoteOf({ source, target }: Attach, role: Role): Terminus | undefined {
  const terminus = role === 'sender' ? target : source
  if (terminus === undefined || terminus instanceof Value) return undefined
  if (!('type' in terminus)) return terminus
  return terminus.type === 'coordinator' ? { coordinator: true } : undefined
}
