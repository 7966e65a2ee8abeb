import { type Expected, Pairs, type Said } from '../../core/index.ts'
import { addressOf, nameOf } from '../destination.ts'
import type { AmqpFrame, ContentBody, ContentHeader, MethodOf } from '../frames.ts'
import type { Text } from '../strings.ts'
import { Confirms } from './confirms.ts'
import type { Names } from './names.ts'

type Delivered = MethodOf<'basic.deliver' | 'basic.get-ok'>
type Settling = MethodOf<'basic.ack' | 'basic.nack' | 'basic.reject'>

type Run = 'recorded' | 'live'

/** A delivery of the recording. */
interface Then {
  readonly tag: number
  /** That of the live one. */
  now: number | undefined
  expected: Expected | undefined
  replyTo: Text | undefined
  nowReplyTo: Text | undefined
}

/** A live one. */
interface Now {
  readonly tag: number
  recorded: Then | undefined
  replyTo: Text | undefined
}

/** A live one that may lack so many bytes of its body. */
interface Heard {
  readonly now: Now
  readonly signature: string
  lacks: number
}

/** Deliveries that are not acknowledged, and consumers, at most. */
const MOST = 65_536

/** What one channel makes of its deliveries: tags and consumers are the broker's own choice. */
export class PlayedChannel {
  readonly confirms = new Confirms()
  /** Closed by the broker now, and whether that was answered; what the recording has on it until it is opened again is not sent. */
  closed: 'asked' | 'answered' | undefined
  readonly #names: Names
  /** Consumers that were asked for and not answered, then and now, by their number. */
  readonly #asked: Readonly<Record<Run, number[]>> = { recorded: [], live: [] }
  readonly #numbers: Readonly<Record<Run, Map<string, number>>> = { recorded: new Map(), live: new Map() }
  /** By number: whether it acknowledges. */
  readonly #acknowledging: boolean[] = []
  /** Whether the last basic.get is to be acknowledged. */
  #getting = true
  readonly #tags = new Map<number, string>()
  /** Deliveries of the recording that are to be acknowledged, in their order, and live ones likewise. */
  readonly #then = new Map<number, Then>()
  readonly #now = new Map<number, Now>()
  readonly #pairs = new Pairs<Then, Now>((then, now) => {
    then.now = now.tag
    then.nowReplyTo = now.replyTo
    now.recorded = then
    this.#names.learn(then.replyTo, now.replyTo)
  })
  /** Whose header comes next. */
  #recalled: Then | undefined
  #heard: Heard | undefined
  /** What is lacking of a message that we are sending, in bytes: nothing else may stand between its frames here. */
  #unsent: number | undefined = 0
  /** The recording has acknowledged something here. */
  #acknowledges = false

  constructor(names: Names) {
    this.#names = names
  }

  get unexpected(): number {
    return [...this.#pairs.unexpected()].length
  }

  consume({ consumerTag, noAck, noWait }: MethodOf<'basic.consume'>): void {
    const number = this.#acknowledging.push(!noAck) - 1
    if (!noWait) {
      this.#asked.recorded.push(number)
      this.#asked.live.push(number)
    }
    if (consumerTag === '') return
    this.#numbers.recorded.set(nameOf(consumerTag), number)
    this.#numbers.live.set(nameOf(consumerTag), number)
  }

  /** The frames of a message that we send [4.2.6]. */
  send(frame: MethodOf<'basic.publish'> | ContentHeader | ContentBody): void {
    if (frame.type === 'basic.publish') this.#unsent = undefined
    else if (frame.type === 'header') this.#unsent = Number(frame.bodySize)
    else if (this.#unsent !== undefined) this.#unsent = Math.max(0, this.#unsent - frame.body.length)
  }

  get(noAck: boolean): void {
    this.#getting = !noAck
  }

  consuming(run: Run, consumerTag: Text): void {
    const number = this.#asked[run].shift()
    if (number === undefined) return
    this.#numbers[run].set(nameOf(consumerTag), number)
    if (run === 'live') this.#tags.set(number, nameOf(consumerTag))
  }

  /** What a consumer is called now. */
  consumer(tag: Text): Text {
    const number = this.#numbers.recorded.get(nameOf(tag))
    return (number === undefined ? undefined : this.#tags.get(number)) ?? tag
  }

  recall(frame: Delivered): Expected {
    const then: Then = {
      tag: Number(frame.deliveryTag),
      now: undefined,
      expected: undefined,
      replyTo: undefined,
      nowReplyTo: undefined,
    }
    this.#recalled = then
    const { exchange, routingKey } = frame
    const address = addressOf({
      exchange: this.#names.exchange(exchange),
      routingKey: this.#names.routingKey(routingKey, exchange),
    })
    const cause = `a message of ${address} on channel ${frame.channel}`
    then.expected = this.#pairs.recall(
      this.#signature('recorded', frame, address),
      then,
      cause,
      frame.type !== 'basic.get-ok',
    )
    if (this.#acknowledged('recorded', frame) && this.#then.size < MOST) this.#then.set(then.tag, then)
    return then.expected
  }

  /** It counts once it is whole: nobody acknowledges half a message. */
  hear(frame: Delivered): void {
    const now: Now = { tag: Number(frame.deliveryTag), recorded: undefined, replyTo: undefined }
    if (this.#acknowledged('live', frame)) this.#now.set(now.tag, now)
    this.#heard = { now, signature: this.#signature('live', frame, addressOf(frame)), lacks: 0 }
  }

  /** Where replies are to go: brokers make up names for that, too. */
  recallHeader({ properties: { replyTo } }: ContentHeader): void {
    const then = this.#recalled
    this.#recalled = undefined
    if (replyTo === undefined || then === undefined) return
    then.replyTo = replyTo
    this.#names.learn(replyTo, then.nowReplyTo)
  }

  hearHeader({ properties: { replyTo }, bodySize }: ContentHeader): void {
    const heard = this.#heard
    if (heard === undefined) return
    heard.now.replyTo = replyTo
    heard.lacks = Number(bodySize)
    if (heard.lacks === 0) this.#whole(heard)
  }

  hearBody(length: number): void {
    const heard = this.#heard
    if (heard === undefined) return
    heard.lacks -= length
    if (heard.lacks <= 0) this.#whole(heard)
  }

  #whole({ now, signature }: Heard): void {
    this.#heard = undefined
    this.#pairs.hear(signature, now)
  }

  /** What came and the recording has not: acknowledged as the others were, so that its queue drains. */
  leave(channel: number): AmqpFrame[] {
    if (this.closed !== undefined || !this.#acknowledges || this.#unsent !== 0) return []
    const owed = [...this.#now.values()].filter(
      ({ recorded, tag }) => recorded === undefined && this.#heard?.now.tag !== tag,
    )
    for (const { tag } of owed) this.#now.delete(tag)
    return owed.map(({ tag }) => ({ type: 'basic.ack', channel, deliveryTag: tag, multiple: false }))
  }

  /** An acknowledgement goes to what stands now for what it was for: all of it, and nothing else. */
  settle(frame: Settling): Said<AmqpFrame> {
    const tag = Number(frame.deliveryTag)
    const multiple = frame.type !== 'basic.reject' && frame.multiple
    const those = multiple ? this.#upTo(tag) : [this.#then.get(tag)].filter(then => then !== undefined)
    // Of what was never delivered: a fault then, and so again.
    if (those.length === 0) return { action: 'same' }
    const waiting = those.find(({ expected }) => expected?.open === true)?.expected
    if (waiting !== undefined) return { action: 'wait', for: waiting }
    for (const then of those) this.#then.delete(then.tag)
    if (frame.type === 'basic.ack') this.#acknowledges = true
    const tags = those.flatMap(({ now }) => (now !== undefined && this.#now.has(now) ? now : []))
    if (tags.length === 0) return { action: 'skip', reason: `delivery ${tag} did not come, or is acknowledged` }
    const last = Math.max(...tags)
    const all = multiple && [...this.#now.keys()].every(live => live > last || tags.includes(live))
    for (const live of tags) this.#now.delete(live)
    if (all)
      return last === tag || tag === 0
        ? { action: 'same' }
        : { action: 'send', frames: [{ ...frame, deliveryTag: last }] }
    if (!multiple && tags[0] === tag) return { action: 'same' }
    return {
      action: 'send',
      frames: tags.map(deliveryTag => ({ ...frame, deliveryTag, ...(multiple ? { multiple: false } : {}) })),
    }
  }

  #upTo(tag: number): Then[] {
    const those: Then[] = []
    for (const then of this.#then.values()) if (tag === 0 || then.tag <= tag) those.push(then)
    return those
  }

  #signature(run: Run, frame: Delivered, address: string): string {
    if (frame.type === 'basic.get-ok') return `get ${address}`
    return `${this.#numbers[run].get(nameOf(frame.consumerTag)) ?? '?'} ${address}`
  }

  #acknowledged(run: Run, frame: Delivered): boolean {
    if (frame.type === 'basic.get-ok') return this.#getting
    const number = this.#numbers[run].get(nameOf(frame.consumerTag))
    return number === undefined || this.#acknowledging[number] !== false
  }
}
