import type { Packet, ScriptReader, Spoken } from '../../core/index.ts'
import type { Context } from '../delimit.ts'
import { addressOf, nameOf } from '../destination.ts'
import type { AmqpFrame, MethodOf } from '../frames.ts'
import { planById } from '../plan.ts'
import { ANSWERS, CALLS } from '../track/calls.ts'
import type { AmqpAct } from './act.ts'
import { Doing } from './doing.ts'

type Words = Spoken<AmqpAct, Context>
type Carrying = MethodOf<'basic.deliver' | 'basic.get-ok' | 'basic.return'>

/** A message that is being said. */
interface Saying {
  readonly frame: Carrying
  readonly packets: Packet<Context>[]
  lacks: number
}

class Channel {
  saying: Saying | undefined
  /** What waits for an answer, and what was done last of each type. */
  calls: AmqpAct[] = []
  readonly last = new Map<string, AmqpAct>()
  readonly consumers = new Map<string, AmqpAct>()
  readonly published = new Map<number, AmqpAct>()
  /** Published, and may come back. */
  mandatory: AmqpAct[] = []
  /** What gave messages back to their queues. */
  returned: AmqpAct | undefined
}

/** A recorded connection. */
export class AmqpReader implements ScriptReader<AmqpFrame, AmqpAct, Context> {
  readonly #doing = new Doing(nameOf)
  readonly #channels = new Map<number, Channel>()
  #last: AmqpAct | undefined

  did(frame: AmqpFrame): readonly AmqpAct[] {
    const acts = this.#doing.did(frame).map(withoutBody)
    for (const act of acts) this.#note(act)
    return acts
  }

  said(frame: AmqpFrame, packet: Packet<Context>): readonly Words[] {
    const packets = [packet]
    const number = 'channel' in frame ? frame.channel : 0
    const channel = this.#channel(number)
    switch (frame.type) {
      case 'heartbeat':
      case 'connection.close-ok':
      case 'channel.close-ok':
      case 'method':
        return []
      case 'protocol-header':
        return [{ packets, to: this.#last, kind: 'answer' }]
      case 'basic.deliver':
      case 'basic.get-ok':
      case 'basic.return':
        channel.saying = { frame, packets, lacks: Number.POSITIVE_INFINITY }
        return []
      case 'header':
      case 'body': {
        const { saying } = channel
        if (saying === undefined) return []
        saying.packets.push(packet)
        saying.lacks = frame.type === 'header' ? Number(frame.bodySize) : saying.lacks - frame.body.length
        if (saying.lacks > 0) return []
        channel.saying = undefined
        return this.#message(channel, saying)
      }
      case 'basic.ack':
      case 'basic.nack':
        return this.#confirm(channel, frame).map(to => ({ packets, to, kind: 'answer' }))
      case 'channel.close':
      case 'connection.close': {
        const cause = this.#causeOf(frame, channel)
        if (cause !== undefined) return [{ packets, to: cause, kind: 'answer' }]
        return [{ packets, to: channel.last.get('') ?? this.#last, kind: 'event' }]
      }
      case 'basic.cancel':
        return [{ packets, to: channel.consumers.get(nameOf(frame.consumerTag)), kind: 'event', also: this.#lastActs }]
      case 'connection.blocked':
      case 'connection.unblocked':
      case 'channel.flow':
        return [{ packets, to: channel.last.get('') ?? this.#last, kind: 'event' }]
      default: {
        const to = this.#answered(channel, frame.type)
        if (frame.type === 'basic.consume-ok' && to !== undefined) channel.consumers.set(nameOf(frame.consumerTag), to)
        return to === undefined ? [] : [{ packets, to, kind: 'answer' }]
      }
    }
  }

  #note(act: AmqpAct): void {
    const { type, frame, tag } = act
    if (type === 'channel.open') this.#channels.delete(act.channel)
    const channel = this.#channel(act.channel)
    this.#last = act
    channel.last.set(type, act).set('', act)
    if (CALLS.has(type) && !('noWait' in frame && frame.noWait)) channel.calls.push(act)
    if (frame.type === 'basic.publish') {
      if (tag > 0) channel.published.set(tag, act)
      if (frame.mandatory || frame.immediate) channel.mandatory.push(act)
    } else if (frame.type === 'basic.consume' && frame.consumerTag !== '') {
      channel.consumers.set(nameOf(frame.consumerTag), act)
    } else if ('requeue' in frame && frame.requeue) channel.returned = act
  }

  #message(channel: Channel, { frame, packets }: Saying): Words[] {
    const address = addressOf(frame)
    if (frame.type === 'basic.return') {
      const at = channel.mandatory.findIndex(act => act.address === address)
      const [to] = at < 0 ? [] : channel.mandatory.splice(at, 1)
      return to === undefined ? [] : [{ packets, to, kind: 'answer' }]
    }
    const tag = Number(frame.deliveryTag)
    if (frame.type === 'basic.get-ok') {
      const to = this.#answered(channel, frame.type)
      if (to?.frame.type === 'basic.get' && !to.frame.noAck) this.#doing.deliver(frame.channel, tag, address)
      return to === undefined ? [] : [{ packets, to, kind: 'answer', once: true }]
    }
    const to = channel.consumers.get(nameOf(frame.consumerTag))
    if (to?.frame.type !== 'basic.consume') return []
    if (!to.frame.noAck) this.#doing.deliver(frame.channel, tag, address)
    const { returned } = channel
    const also = frame.redelivered && returned !== undefined ? [returned] : []
    return [{ packets, to, kind: 'event', also }]
  }

  /** Each message that is confirmed is by itself: another client's may be confirmed in other groups. */
  #confirm(channel: Channel, { deliveryTag, multiple }: MethodOf<'basic.ack' | 'basic.nack'>): AmqpAct[] {
    const last = Number(deliveryTag)
    const acts: AmqpAct[] = []
    const { published } = channel
    for (const tag of multiple ? published.keys() : [last]) {
      const act = published.get(tag)
      if (tag > last) break
      published.delete(tag)
      if (act !== undefined) acts.push(act)
    }
    return acts
  }

  /** What may have been why the broker did something by itself. */
  get #lastActs(): AmqpAct[] {
    return this.#last === undefined ? [] : [this.#last]
  }

  /** Errors name the method that they are for [1.4.2.5]. */
  #causeOf(
    { classId, methodId }: MethodOf<'channel.close' | 'connection.close'>,
    channel: Channel,
  ): AmqpAct | undefined {
    const type = planById(classId, methodId)?.type
    if (type === undefined) return undefined
    const own = channel.last.get(type)
    return own ?? [...this.#channels.values()].flatMap(({ last }) => last.get(type) ?? []).at(-1)
  }

  /** The oldest call that this answers. */
  #answered(channel: Channel, type: string): AmqpAct | undefined {
    const asked = ANSWERS.get(type)
    const at = channel.calls.findIndex(call => call.type === asked)
    return at < 0 ? undefined : channel.calls.splice(at, 1)[0]
  }

  #channel(number: number): Channel {
    let channel = this.#channels.get(number)
    if (channel === undefined) this.#channels.set(number, (channel = new Channel()))
    return channel
  }
}

/** What was published is in its detail; of its properties only those count that others refer to. */
function withoutBody(act: AmqpAct): AmqpAct {
  if (act.content === undefined) return act
  const { replyTo, correlationId } = act.content.properties
  return { ...act, content: { properties: { replyTo, correlationId }, body: NOTHING } }
}

const NOTHING = new Uint8Array(0)
