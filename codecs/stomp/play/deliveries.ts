import { type Expected, fnv, Pairs, type PlayOptions, Recent, type Said } from '../../core/index.ts'
import { type CommandFrame, type StompFrame, stompFrame } from '../frames.ts'
import { Headers } from '../headers.ts'

/** What is kept of a MESSAGE: how it is acknowledged, and where an answer goes. */
interface Delivery {
  readonly ack: string | undefined
  readonly messageId: string | undefined
  readonly subscription: string | undefined
  readonly replyTo: string | undefined
  acknowledged: boolean
}

/** How many deliveries can still be acknowledged. */
const MOST = 131_072
/** Where a broker has the answers to a message go: queues that it made up. */
const REPLY = 'stomp reply'

/** What the broker delivers: under message ids, and to be acknowledged under names, of its own choice. */
export class Deliveries {
  readonly #options: PlayOptions
  /** By what the recording acknowledges it with. */
  readonly #awaited = new Recent<string, Expected>(MOST)
  readonly #now = new Recent<string, Delivery>(MOST)
  readonly #replies = new Recent<string, Expected>(MOST)
  /** By subscription: whether each message is acknowledged by itself. */
  readonly #individual = new Map<string, boolean>()

  readonly #pairs = new Pairs<Delivery, Delivery>((then, now) => {
    for (const name of namesOf(then)) this.#now.set(name, now)
    if (then.replyTo !== undefined && now.replyTo !== undefined) {
      this.#options.names.learn(REPLY, then.replyTo, now.replyTo)
    }
  })

  constructor(options: PlayOptions) {
    this.#options = options
  }

  get unexpected(): number {
    return [...this.#pairs.unexpected()].length
  }

  subscribe({ id, destination, ack }: CommandFrame): void {
    this.#individual.set(id ?? this.#options.address(destination ?? ''), ack === 'client-individual')
  }

  recall(frame: CommandFrame): Expected {
    const then = deliveryOf(frame)
    const { subscription, destination = '' } = frame
    const line = this.#line(subscription ?? this.#options.address(destination), frame)
    const expected = this.#pairs.recall(line, then, `a message from ${destination}`, true)
    for (const name of namesOf(then)) this.#awaited.set(name, expected)
    if (then.replyTo !== undefined) this.#replies.set(then.replyTo, expected)
    return expected
  }

  hear(frame: CommandFrame): void {
    this.#pairs.hear(this.#line(frame.subscription ?? frame.destination ?? '', frame), deliveryOf(frame))
  }

  /** What to send for a recorded ACK or NACK. What names no delivery of the recording is sent as it was. */
  acknowledge(frame: CommandFrame): Said<StompFrame> {
    const named = [frame.id, frame.messageId].find(name => name !== undefined && this.#awaited.get(name) !== undefined)
    if (named === undefined) return { action: 'same' }
    const awaited = this.#awaited.get(named) as Expected
    if (awaited.open) return { action: 'wait', for: awaited }
    const now = this.#now.get(named) ?? this.#other(frame)
    if (now === undefined) return { action: 'skip', reason: `nothing came for ${frame.type} ${named}` }
    if (now.acknowledged) return { action: 'skip' }
    now.acknowledged = true
    // By `id` in 1.2, by the other two before; some clients send all of them to be understood by any broker.
    const old = now.ack === undefined || frame.messageId !== undefined
    const { ack: id, messageId, subscription } = now
    const renamed: CommandFrame = { ...frame, id, ...(old ? { messageId, subscription } : {}) }
    return { action: 'send', frames: [renamed] }
  }

  /**
   * Deliveries that stand for each other have the same content where each is acknowledged by itself: a broker that was
   * given messages back mixes them with others as it pleases. Where one stands for all before, it is their order that
   * counts.
   */
  #line(subscription: string, { body = none }: CommandFrame): string {
    if (this.#individual.get(subscription) !== true) return subscription
    return `${subscription} ${body.length} ${fnv(body)}`
  }

  /** What came in the place of a message that did not. */
  #other({ subscription }: CommandFrame): Delivery | undefined {
    for (const now of this.#pairs.unexpected()) {
      if (!now.acknowledged && (subscription === undefined || now.subscription === subscription)) return now
    }
    return undefined
  }

  /** Where an answer goes now that went to `destination`, if it is one; the message that says so comes first. */
  reply(destination: string): string | Expected | undefined {
    const awaited = this.#replies.get(destination)
    if (awaited?.open === true) return awaited
    return this.#options.names.live(REPLY, destination) as string | undefined
  }

  /** Acknowledgements of what the recording does not have, where those are of no other message. */
  leave(): CommandFrame[] {
    const due = [...this.#pairs.unexpected()].filter(
      ({ subscription = '', acknowledged }) => !acknowledged && this.#individual.get(subscription) === true,
    )
    return due.map(delivery => {
      delivery.acknowledged = true
      return ackOf(delivery)
    })
  }
}

function deliveryOf({ ack, messageId, subscription, headers }: CommandFrame): Delivery {
  return { ack, messageId, subscription, replyTo: headers.get('reply-to'), acknowledged: false }
}

const none = new Uint8Array(0)

/** What a message can be acknowledged by. */
const namesOf = ({ ack, messageId }: Delivery): string[] => [ack, messageId].filter(name => name !== undefined)

function ackOf({ ack, messageId, subscription }: Delivery): CommandFrame {
  const names = { id: ack, 'message-id': ack === undefined ? messageId : undefined, subscription }
  const said = Object.entries(names).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  return stompFrame('ACK', Headers.of(...said))
}
