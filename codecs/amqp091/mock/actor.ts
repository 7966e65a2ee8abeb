import type { Actor, Heard, Line, MockOptions } from '../../core/index.ts'
import { concat } from '../../core/index.ts'
import type { Context } from '../delimit.ts'
import { addressOf, nameOf } from '../destination.ts'
import type { AmqpFrame, ContentHeader, MethodOf } from '../frames.ts'
import { planOf } from '../plan.ts'
import type { Text } from '../strings.ts'
import { FRAME_OVERHEAD } from '../tables.ts'
import type { AmqpAct, Content } from './act.ts'
import { type Consumer, LiveChannel } from './channel.ts'
import { Doing } from './doing.ts'
import { improvised } from './improvise.ts'
import { Names } from './names.ts'

type Saying = readonly AmqpFrame[] | 'later' | 'never'

const NOT_ALLOWED = 530
const PRECONDITION_FAILED = 406

/** A broker of AMQP 0-9-1, to one client. */
export class AmqpActor implements Actor<AmqpFrame, AmqpAct, Context> {
  readonly #names: Names
  readonly #doing: Doing
  readonly #channels = new Map<number, LiveChannel>()
  #frameMax = 0
  /** Seconds; 0 is none [4.2.7]. */
  #heartbeat = 0

  constructor(options: MockOptions) {
    this.#names = new Names(options)
    this.#doing = new Doing(name => this.#names.recorded(name))
  }

  get keepAlive(): number | undefined {
    return this.#heartbeat === 0 ? undefined : this.#heartbeat * 500
  }

  alive(): readonly AmqpFrame[] {
    return [{ type: 'heartbeat', channel: 0 }]
  }

  hear(frame: AmqpFrame): Heard<AmqpFrame, AmqpAct> {
    if (frame.type === 'connection.close-ok') return { acts: [], end: true }
    const number = 'channel' in frame ? frame.channel : 0
    if (frame.type === 'channel.close-ok') this.#forget(number)
    const channel = this.#channel(number)
    // Whoever is told that it is closed may say more before it is heard, and close it, too.
    if (channel.closing && frame.type !== 'channel.close') return { acts: [] }
    const acts = this.#doing.did(frame)
    switch (frame.type) {
      case 'connection.tune-ok':
        this.#heartbeat = frame.heartbeat
        this.#frameMax = frame.frameMax
        break
      case 'connection.close':
        return { acts, send: [{ type: 'connection.close-ok', channel: 0 }], end: true }
      case 'channel.close':
        this.#forget(number)
        return { acts, send: [{ type: 'channel.close-ok', channel: number }] }
      case 'channel.open':
        this.#forget(number)
        break
      case 'basic.qos':
        channel.limit(frame.prefetchCount, frame.global)
        break
      case 'basic.cancel':
        channel.cancel(nameOf(frame.consumerTag))
        break
      case 'basic.recover':
      case 'basic.recover-async':
        channel.recover()
        break
      case 'basic.ack':
      case 'basic.nack':
      case 'basic.reject':
        for (const { tag } of acts) channel.settle(tag)
        break
    }
    return { acts }
  }

  recognise(then: AmqpAct, now: AmqpAct): void {
    this.#names.recognise(then, now)
    this.#ready(now, 'consumerTag' in then.frame ? nameOf(then.frame.consumerTag) : '')
  }

  say({ frames }: Line<AmqpFrame>, now: AmqpAct | undefined, echo: AmqpAct | undefined): Saying {
    const [frame] = frames
    if (frame === undefined || now === undefined || !('channel' in frame)) return frames
    const number = frame.channel === 0 ? 0 : now.channel
    const channel = this.#channel(number)
    if (channel.closing) return 'never'
    // It asked not to be answered, other than then.
    if ('noWait' in now.frame && now.frame.noWait && frame.type === `${now.type}-ok`) return []
    switch (frame.type) {
      case 'basic.deliver':
        return this.#deliver(channel, frame, now, contentOf(frames), echo)
      case 'basic.get-ok': {
        const noAck = now.frame.type === 'basic.get' && now.frame.noAck
        const tag = channel.deliver(undefined, noAck)
        const address = { exchange: this.#names.now(frame.exchange), routingKey: this.#names.now(frame.routingKey) }
        if (!noAck) this.#doing.deliver(number, tag, this.#recordedOf(address))
        return this.#message({ ...frame, ...address, channel: number, deliveryTag: tag }, contentOf(frames), echo)
      }
      case 'basic.return': {
        const own = now.frame.type === 'basic.publish' ? now.frame : frame
        const { exchange, routingKey } = own
        return this.#message({ ...frame, channel: number, exchange, routingKey }, contentOf(frames), now)
      }
      case 'basic.ack':
      case 'basic.nack':
        return now.tag === 0 ? [] : [{ ...frame, channel: number, deliveryTag: now.tag, multiple: false }]
      case 'queue.declare-ok':
        return [{ ...frame, channel: number, queue: this.#declared(now, frame.queue) }]
      case 'basic.consume-ok': {
        const consumer = this.#ready(now, nameOf(frame.consumerTag))
        return [{ ...frame, channel: number, consumerTag: consumer?.tag ?? frame.consumerTag }]
      }
      case 'basic.cancel-ok':
        return now.frame.type === 'basic.cancel'
          ? [{ ...frame, channel: number, consumerTag: now.frame.consumerTag }]
          : []
      case 'basic.cancel': {
        const consumer = channel.consumer(now)
        if (consumer === undefined) return 'never'
        channel.cancel(consumer.tag)
        return [{ ...frame, channel: number, consumerTag: consumer.tag }]
      }
      case 'channel.close':
        channel.closing = true
        return [{ ...frame, channel: number }]
      default:
        return [{ ...frame, channel: number }]
    }
  }

  improvise(now: AmqpAct): readonly AmqpFrame[] | undefined {
    const answer = improvised(now)
    if (answer?.type === 'queue.declare-ok' && answer.queue === '') return [{ ...answer, queue: this.#names.fresh() }]
    if (now.frame.type === 'basic.consume') {
      const { tag } = this.#ready(now, '') ?? { tag: '' }
      return answer?.type === 'basic.consume-ok' ? [{ ...answer, consumerTag: tag }] : []
    }
    return answer === undefined ? [] : [answer]
  }

  refuse({ channel, frame }: AmqpAct): { frames: readonly AmqpFrame[]; end: boolean } {
    const { classId, methodId } = planOf.get(frame.type as never) ?? { classId: 0, methodId: 0 }
    const why = 'the recording has no answer to this'
    if (channel === 0) {
      const replyText = `NOT_ALLOWED - ${why}`
      const close = { type: 'connection.close', channel, replyCode: NOT_ALLOWED, replyText, classId, methodId } as const
      // Only who has got through the greeting knows what a close is.
      return frame.type === 'protocol-header' ? { frames: [], end: true } : { frames: [close], end: false }
    }
    this.#channel(channel).closing = true
    const replyText = `PRECONDITION_FAILED - ${why}`
    return {
      frames: [{ type: 'channel.close', channel, replyCode: PRECONDITION_FAILED, replyText, classId, methodId }],
      end: false,
    }
  }

  /** It consumes from now on. */
  #ready(now: AmqpAct, then: string): Consumer | undefined {
    if (now.frame.type !== 'basic.consume') return undefined
    const { consumerTag, noAck } = now.frame
    return this.#channel(now.channel).consume(now, nameOf(consumerTag), noAck, then)
  }

  #declared({ frame }: AmqpAct, then: Text): Text {
    if (frame.type === 'queue.declare' && frame.queue !== '') return frame.queue
    return this.#names.madeUp(then)
  }

  #deliver(
    channel: LiveChannel,
    frame: MethodOf<'basic.deliver'>,
    now: AmqpAct,
    content: Content & { readonly header: ContentHeader },
    echo: AmqpAct | undefined,
  ): Saying {
    const consumer = channel.consumer(now)
    if (consumer === undefined) return 'never'
    if (channel.isFull(consumer)) return 'later'
    const deliveryTag = channel.deliver(consumer, consumer.noAck)
    const address = { exchange: this.#names.now(frame.exchange), routingKey: this.#names.now(frame.routingKey) }
    if (!consumer.noAck) this.#doing.deliver(now.channel, deliveryTag, this.#recordedOf(address))
    const { redelivered } = frame
    const method = { type: 'basic.deliver', channel: now.channel, consumerTag: consumer.tag, deliveryTag } as const
    return this.#message({ ...method, ...address, redelivered }, content, echo)
  }

  /** As acknowledgements have it in the recording. */
  #recordedOf({ exchange, routingKey }: Pick<MethodOf<'basic.deliver'>, 'exchange' | 'routingKey'>): string {
    return addressOf({ exchange: this.#names.recorded(exchange), routingKey: this.#names.recorded(routingKey) })
  }

  /** A method with its content, in frames as large as this client takes. */
  #message(
    method: MethodOf<'basic.deliver' | 'basic.get-ok' | 'basic.return'>,
    then: Content & { readonly header: ContentHeader },
    echo: AmqpAct | undefined,
  ): AmqpFrame[] {
    const { channel } = method
    const { header } = then
    const content =
      echo?.content === undefined
        ? { properties: this.#names.properties(then.properties), body: then.body }
        : { properties: this.#names.passed(echo.content.properties, then.properties), body: echo.content.body }
    const { properties, body } = content
    const frames: AmqpFrame[] = [method, { ...header, channel, bodySize: body.length, properties }]
    const most = this.#frameMax === 0 ? body.length : this.#frameMax - FRAME_OVERHEAD
    for (let at = 0; at < body.length; at += most) {
      frames.push({ type: 'body', channel, body: body.subarray(at, at + most) })
    }
    return frames
  }

  #forget(number: number): void {
    this.#channels.delete(number)
    this.#doing.close(number)
  }

  #channel(number: number): LiveChannel {
    let channel = this.#channels.get(number)
    if (channel === undefined) this.#channels.set(number, (channel = new LiveChannel()))
    return channel
  }
}

/** What a message held then. */
function contentOf(frames: readonly AmqpFrame[]): Content & { readonly header: ContentHeader } {
  const header = frames.find(frame => frame.type === 'header') as ContentHeader
  const body = concat(frames.flatMap(frame => (frame.type === 'body' ? [frame.body] : [])))
  return { header, properties: header.properties, body }
}
