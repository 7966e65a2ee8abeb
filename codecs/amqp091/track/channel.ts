import type { Exchanges, Packet, Side } from '../../core/index.ts'
import { Calls } from './calls.ts'
import type { Confirms } from './confirms.ts'
import { type Consumer, consumer, type Deliveries } from './deliveries.ts'

/** More consumers than this on one channel are not remembered. */
const MOST_CONSUMERS = 10_000

/** What is known of one channel. Channel 0, the connection's own, has nothing but calls. */
export class Channel {
  readonly number: number
  /** `ch=1`; nothing for channel 0. */
  readonly scope: string | undefined
  readonly calls: Calls
  readonly consumers = new Map<string, Consumer>()
  /** As of `confirm.select`. */
  confirms: Confirms | undefined
  /** Made with the first delivery. */
  deliveries: Deliveries | undefined
  /** Whether `channel.open-ok` was seen. */
  open = false
  /** The peer has closed it: what the other side still sends here is thrown away [1.5.2.5]. */
  closedBy: Side | undefined
  /** The last queue declared here: what an empty name means [1.7.2.1]. */
  queue: string | undefined
  /** Of consumers made from now on. */
  prefetch: number | undefined
  /** Who asked for the message that `basic.get-ok` brings. */
  getting: Consumer | undefined
  redelivered = 0

  constructor(number: number, exchanges: Exchanges) {
    this.number = number
    this.scope = number === 0 ? undefined : `ch=${number}`
    this.calls = new Calls(exchanges)
  }

  get unacknowledged(): number {
    return this.deliveries?.size ?? 0
  }

  get unconfirmed(): number {
    return this.confirms?.size ?? 0
  }

  /** The consumer of this tag; one that was not seen is told by what it does. */
  consumer(tag: string): Consumer {
    return this.consumers.get(tag) ?? this.add(tag, consumer(undefined, undefined))
  }

  add(tag: string, consumer: Consumer): Consumer {
    if (this.consumers.size < MOST_CONSUMERS) this.consumers.set(tag, consumer)
    return consumer
  }

  /** Bytes of `side` were lost: what they may have answered is given up, what they may have begun has no number. */
  lose(side: Side, { time }: Packet, outcome: string): void {
    this.calls.abandon(side === 'client' ? 'server' : 'client', time, outcome)
    if (side === 'client') {
      this.confirms?.lose()
      this.deliveries?.abandon(time, outcome)
    } else this.confirms?.abandon(time, outcome)
  }

  /** It is no more: whatever waits will not be answered. */
  close(time: number, outcome: string): void {
    this.calls.close(time, outcome)
    this.confirms?.close(time, outcome)
    this.deliveries?.close(time, outcome)
    this.confirms = undefined
    this.deliveries = undefined
    this.consumers.clear()
  }
}
