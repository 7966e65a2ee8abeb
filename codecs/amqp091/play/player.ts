import { type Expected, Pairs, type Player, type PlayOptions, type Said } from '../../core/index.ts'
import type { Context } from '../delimit.ts'
import type { AmqpFrame, ContentBody } from '../frames.ts'
import type { Text } from '../strings.ts'
import { FRAME_OVERHEAD } from '../tables.ts'
import { PlayedChannel } from './channel.ts'
import { Names } from './names.ts'
import { logIn, settle, type Tuned } from './opening.ts'

/** A client of AMQP 0-9-1, played again. Its channels, and the numbers of its publishes, are what they were. */
export class AmqpPlayer implements Player<AmqpFrame, Context> {
  readonly #options: PlayOptions
  readonly #names: Names
  readonly #channels = new Map<number, PlayedChannel>()
  /** Answers to synchronous methods [4.2.4], in their order on each channel; a declaration's with the queue's name. */
  readonly #answers: Pairs<Text | undefined, Text | undefined>
  /** By the name of the answer, how many of the recording will not come, as they were not asked for. */
  readonly #unasked = new Map<string, number>()
  #offered: Tuned = { channelMax: 0, frameMax: 0 }
  #frameMax = 0
  /** Seconds; 0 is none [4.2.7]. */
  #heartbeat = 0

  constructor(options: PlayOptions) {
    this.#options = options
    this.#names = new Names(options)
    this.#answers = new Pairs((recorded, live) => this.#names.learn(recorded, live))
  }

  get keepAlive(): number | undefined {
    return this.#heartbeat === 0 ? undefined : this.#heartbeat * 500
  }

  get unexpected(): number {
    let sum = 0
    for (const channel of this.#channels.values()) sum += channel.unexpected
    return sum
  }

  alive(): readonly AmqpFrame[] {
    return [{ type: 'heartbeat', channel: 0 }]
  }

  leave(): readonly AmqpFrame[] {
    return [...this.#channels].flatMap(([number, channel]) => channel.leave(number))
  }

  recall(frame: AmqpFrame): Expected | undefined {
    switch (frame.type) {
      case 'basic.deliver':
      case 'basic.get-ok':
        return this.#channel(frame.channel).recall(frame)
      case 'header':
        this.#channel(frame.channel).recallHeader(frame)
        return undefined
      case 'basic.ack':
      case 'basic.nack':
        return this.#channel(frame.channel).confirms.recall(Number(frame.deliveryTag), frame.multiple, frame.channel)
      case 'body':
      case 'heartbeat':
      case 'connection.blocked':
      case 'connection.unblocked':
        return undefined
      case 'basic.consume-ok':
        this.#channel(frame.channel).consuming('recorded', frame.consumerTag)
        return this.#answered(frame)
      default:
        return this.#answered(frame)
    }
  }

  say(frame: AmqpFrame): Said<AmqpFrame> {
    if (frame.type === 'heartbeat') return { action: 'skip' }
    if (frame.type === 'protocol-header') return ORDERLY
    const channel = this.#channel(frame.channel)
    const closed = this.#channel(0).closed === undefined ? channel.closed : this.#channel(0).closed
    if (frame.type === 'connection.close-ok' || frame.type === 'channel.close-ok') {
      if (closed !== 'asked') return { action: 'skip' }
      channel.closed = 'answered'
      return { action: 'same' }
    }
    if (closed !== undefined && frame.type !== 'channel.open') return this.#unsaid(frame, closed)
    switch (frame.type) {
      case 'connection.start-ok':
        return logIn(frame, this.#options)
      case 'connection.tune-ok': {
        const settled = settle(frame, this.#offered)
        this.#frameMax = settled.frameMax
        this.#heartbeat = settled.heartbeat
        return { action: 'send', orderly: true, frames: [settled] }
      }
      case 'connection.open': {
        const { virtualHost = frame.virtualHost } = this.#options
        return virtualHost === frame.virtualHost
          ? ORDERLY
          : { action: 'send', orderly: true, frames: [{ ...frame, virtualHost }] }
      }
      case 'channel.open':
        this.#channels.set(frame.channel, new PlayedChannel(this.#names))
        return ORDERLY
      case 'basic.ack':
      case 'basic.nack':
      case 'basic.reject':
        return channel.settle(frame)
      case 'basic.publish':
      case 'header': {
        channel.send(frame)
        const renamed = this.#names.renamed(frame)
        return renamed === frame ? { action: 'same' } : { action: 'send', frames: [renamed] }
      }
      case 'body':
        channel.send(frame)
        return this.#body(frame)
      case 'basic.cancel': {
        const consumerTag = channel.consumer(frame.consumerTag)
        return consumerTag === frame.consumerTag
          ? ORDERLY
          : { action: 'send', orderly: true, frames: [{ ...frame, consumerTag }] }
      }
      case 'channel.close':
        return after(channel.leave(frame.channel), frame)
      case 'connection.close':
        return after(this.leave(), frame)
      case 'basic.consume':
        channel.consume(frame)
        break
      case 'basic.get':
        channel.get(frame.noAck)
        break
      case 'queue.declare':
        this.#names.declare(frame)
        break
    }
    const renamed = this.#names.renamed(frame)
    return renamed === frame ? ORDERLY : { action: 'send', orderly: true, frames: [renamed] }
  }

  hear(frame: AmqpFrame): readonly AmqpFrame[] {
    switch (frame.type) {
      case 'basic.deliver':
      case 'basic.get-ok':
        this.#channel(frame.channel).hear(frame)
        return []
      case 'header':
        this.#channel(frame.channel).hearHeader(frame)
        return []
      case 'body':
        this.#channel(frame.channel).hearBody(frame.body.length)
        return []
      case 'basic.ack':
      case 'basic.nack':
        this.#channel(frame.channel).confirms.hear(Number(frame.deliveryTag), frame.multiple)
        return []
      case 'heartbeat':
      case 'connection.blocked':
      case 'connection.unblocked':
        return []
      case 'basic.consume-ok':
        this.#channel(frame.channel).consuming('live', frame.consumerTag)
        break
      case 'connection.tune':
        this.#offered = frame
        break
    }
    this.#answers.hear(nameOf(frame), queueOf(frame))
    if (frame.type === 'channel.close' || frame.type === 'connection.close') {
      this.#channel(frame.channel).closed = 'asked'
    }
    return []
  }

  #answered(frame: AmqpFrame): Expected | undefined {
    const name = nameOf(frame)
    const unasked = this.#unasked.get(name) ?? 0
    if (unasked > 0) {
      this.#unasked.set(name, unasked - 1)
      return undefined
    }
    return this.#answers.recall(name, queueOf(frame), name, frame.type === 'basic.return')
  }

  /**
   * Not sent, as the broker closed its channel now: what answered it then will not come. Closing is answered, though the
   * recording has no answer, as nothing else may come before [1.5.2.5].
   */
  #unsaid(frame: AmqpFrame & { readonly channel: number }, closed: 'asked' | 'answered'): Said<AmqpFrame> {
    const name = nameOf({ ...frame, type: `${frame.type}-ok` } as AmqpFrame)
    this.#unasked.set(name, (this.#unasked.get(name) ?? 0) + 1)
    if (closed === 'answered') return { action: 'skip', reason: `${frame.type}: the broker closed the channel` }
    const whole = this.#channel(0).closed !== undefined
    const channel = whole ? 0 : frame.channel
    this.#channel(channel).closed = 'answered'
    return { action: 'send', frames: [{ type: whole ? 'connection.close-ok' : 'channel.close-ok', channel }] }
  }

  /** In pieces, where this broker takes smaller frames [4.2.6.2]. */
  #body(frame: ContentBody): Said<AmqpFrame> {
    const most = this.#frameMax - FRAME_OVERHEAD
    if (this.#frameMax === 0 || frame.body.length <= most) return { action: 'same' }
    const frames: ContentBody[] = []
    for (let at = 0; at < frame.body.length; at += most) {
      frames.push({ ...frame, body: frame.body.subarray(at, at + most) })
    }
    return { action: 'send', frames }
  }

  #channel(number: number): PlayedChannel {
    let channel = this.#channels.get(number)
    if (channel === undefined) {
      channel = new PlayedChannel(this.#names)
      this.#channels.set(number, channel)
    }
    return channel
  }
}

const nameOf = (frame: AmqpFrame): string =>
  'channel' in frame && frame.channel !== 0 ? `${frame.type} on channel ${frame.channel}` : frame.type

const queueOf = (frame: AmqpFrame): Text | undefined => (frame.type === 'queue.declare-ok' ? frame.queue : undefined)

const ORDERLY = { action: 'same', orderly: true } as const

const after = (owed: readonly AmqpFrame[], frame: AmqpFrame): Said<AmqpFrame> =>
  owed.length === 0 ? ORDERLY : { action: 'send', orderly: true, frames: [...owed, frame] }
