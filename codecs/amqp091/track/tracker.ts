import { Exchanges, type Packet, type Tracker, type TrackOptions } from '../../core/index.ts'
import type { Context } from '../delimit.ts'
import { nameOf } from '../destination.ts'
import type { AmqpFrame, MethodOf } from '../frames.ts'
import { planById } from '../plan.ts'
import { versionOf } from '../summary.ts'
import { Assembler } from './assembler.ts'
import { answerOf, subjectOf } from './called.ts'
import { ANSWERS, CALLS, Call } from './calls.ts'
import { Channel } from './channel.ts'
import { Confirms } from './confirms.ts'
import { Deliveries } from './deliveries.ts'
import type { ContentMessage } from './message.ts'
import { closedBy, reasonOf, SUCCESS } from './reasons.ts'
import { Rpc } from './rpc.ts'
import { type Change, resultOf } from './topology.ts'

type Method = Exclude<AmqpFrame, { type: 'header' | 'body' | 'heartbeat' | 'method' }>

/** Messages and exchanges of one AMQP connection. */
export class AmqpTracker implements Tracker<AmqpFrame, Context> {
  readonly exchanges: Exchanges
  readonly #out: TrackOptions['out']
  readonly #assembler: Assembler
  readonly #channels = new Map<number, Channel>()
  readonly #rpc: Rpc
  /** Channels that were opened. Not known where something may have been missed. */
  #open: number | undefined

  constructor({ joined, out, room }: TrackOptions) {
    this.#out = out
    this.exchanges = new Exchanges(out, room)
    this.#assembler = new Assembler(out, room.bytes)
    this.#rpc = new Rpc(this.exchanges)
    this.#open = joined === 'start' ? 0 : undefined
  }

  take(packet: Packet<Context>, frame: AmqpFrame | undefined, number: number): void {
    if (frame === undefined) {
      this.#lose(packet, number)
      return
    }
    this.#assembler.arrive(packet)
    switch (frame.type) {
      case 'body':
        this.#whole(this.#assembler.body(frame, packet, number), packet, number)
        break
      case 'header':
        this.#whole(this.#assembler.header(frame, packet, number), packet, number)
        break
      case 'basic.publish':
      case 'basic.return':
        this.#assembler.begin(frame, packet, number)
        break
      case 'basic.deliver':
        this.#assembler.begin(frame, packet, number).to = this.#channel(frame.channel).consumer(
          nameOf(frame.consumerTag),
        )
        break
      case 'basic.ack':
      case 'basic.nack':
      case 'basic.reject':
        this.#assembler.interrupt(packet.side, frame.channel)
        this.#acknowledge(frame, packet, number)
        break
      case 'method':
        this.#assembler.interrupt(packet.side, frame.channel)
        break
      case 'heartbeat':
        break
      default:
        this.#method(frame, packet, number)
    }
  }

  end(): void {
    this.#assembler.interruptAll('client')
    this.#assembler.interruptAll('server')
  }

  #channel(number: number): Channel {
    let channel = this.#channels.get(number)
    if (channel === undefined) {
      channel = new Channel(number, this.exchanges)
      this.#channels.set(number, channel)
    }
    return channel
  }

  #whole(message: ContentMessage | undefined, packet: Packet, number: number): void {
    if (message === undefined) return
    this.#out.message(message)
    const { method } = message
    if (method === undefined) return
    const channel = this.#channel(message.channel)
    switch (method.type) {
      case 'basic.publish':
        if (channel.confirms?.published(message, packet) === true) this.#unconfirmed(channel, packet, number)
        if (channel.closedBy === undefined) this.#rpc.published(message, packet)
        break
      case 'basic.return': {
        const outcome = `returned ${reasonOf(method)}`
        channel.confirms?.returned(message.address ?? '', outcome, packet, message.first)
        this.#rpc.returned(message, packet, outcome)
        break
      }
      default:
        this.#delivered(message, method, channel, packet, number)
    }
  }

  #delivered(
    message: ContentMessage,
    { deliveryTag, redelivered }: MethodOf<'basic.deliver' | 'basic.get-ok'>,
    channel: Channel,
    packet: Packet,
    number: number,
  ): void {
    channel.deliveries ??= new Deliveries(this.exchanges, `ch=${channel.number}`)
    const to = message.to ?? channel.consumer('')
    if (channel.deliveries.delivered(message, deliveryTag, to, packet)) this.#unacknowledged(channel, packet, number)
    if (redelivered) this.#level(channel, 'redelivered', ++channel.redelivered, packet, number)
    this.#rpc.delivered(message, packet)
  }

  /** The broker's are confirms, the client's are for what it was given. */
  #acknowledge(frame: MethodOf<'basic.ack' | 'basic.nack' | 'basic.reject'>, packet: Packet, number: number): void {
    const channel = this.#channels.get(frame.channel)
    if (channel === undefined) return
    if (packet.side === 'client') {
      if (channel.deliveries?.answered(frame, packet, number) === true) this.#unacknowledged(channel, packet, number)
    } else if (channel.confirms !== undefined && frame.type !== 'basic.reject') {
      channel.confirms.confirmed(frame, packet, number)
      this.#unconfirmed(channel, packet, number)
    }
  }

  #method(frame: Method, packet: Packet<Context>, number: number): void {
    const channel = this.#channel('channel' in frame ? frame.channel : 0)
    this.#assembler.interrupt(packet.side, channel.number)
    if (frame.type === 'protocol-header' && packet.side === 'server') {
      // It speaks another version, says so, and hangs up [4.2.2].
      channel.calls.settle(frame.type, packet, number, false, `speaks ${versionOf(frame)}`)
      return
    }
    this.#answer(frame, channel, packet, number)
    switch (frame.type) {
      case 'basic.get-ok': {
        const to = channel.getting ?? channel.consumer('')
        channel.getting = undefined
        this.#assembler.begin(frame, packet, number).to = to
        return
      }
      case 'confirm.select':
        channel.confirms ??= new Confirms(this.exchanges, `ch=${channel.number}`)
        break
      case 'basic.recover':
      case 'basic.recover-async':
        channel.deliveries?.recovered(packet, number)
        if (channel.deliveries !== undefined) this.#unacknowledged(channel, packet, number)
        break
      case 'channel.close':
        this.#closing(frame, channel, packet, number)
        break
      case 'connection.close':
        this.#disconnecting(frame, packet, number)
        break
      case 'connection.secure':
        channel.calls.step('connection.start-ok', frame.type, packet, number)
        break
    }
    if (CALLS.has(frame.type)) this.#call(frame, channel, packet, number)
  }

  #call(frame: Method, channel: Channel, packet: Packet, number: number): void {
    const result = resultOf(frame, channel)
    if ('noWait' in frame && frame.noWait) {
      this.#change(result?.(frame), packet, number)
      return
    }
    const address = subjectOf(frame, channel)
    channel.calls.begin(new Call({ kind: frame.type, scope: channel.scope, address }, packet, number, result))
    // Whoever closed a channel hears nothing more of it.
    if (channel.closedBy !== undefined && channel.closedBy !== packet.side) {
      channel.calls.abandon(packet.side, packet.time, 'channel closed')
    }
  }

  #answer(frame: Method, channel: Channel, packet: Packet, number: number): void {
    const kind = ANSWERS.get(frame.type)
    if (kind === undefined) return
    const call = channel.calls.settle(kind, packet, number, true, answerOf(frame))
    this.#change(call?.result?.(frame), packet, number)
    if (frame.type === 'channel.open-ok') this.#opened(channel, packet, number)
    else if (frame.type === 'channel.close-ok') this.#closed(channel, packet, number, 'channel closed')
    else if (frame.type === 'connection.close-ok') this.#disconnected(packet, number, 'connection closed')
  }

  #opened(channel: Channel, packet: Packet, number: number): void {
    channel.open = true
    this.#change({ action: 'add', kind: 'channel', name: String(channel.number) }, packet, number)
    if (this.#open !== undefined) this.#channelsOpen(this.#open + 1, packet, number)
  }

  /** A broker that closes a channel sends nothing more on it; to a client, answers may still come until `close-ok`. */
  #closing(frame: MethodOf<'channel.close'>, channel: Channel, packet: Packet, number: number): void {
    const failed = planById(frame.classId, frame.methodId)?.type
    if (failed !== undefined) channel.calls.settle(failed, packet, number, false, reasonOf(frame))
    if (packet.side === 'client') return
    this.#empty(channel, packet, number, closedBy('channel', frame))
    channel.closedBy = packet.side
  }

  #closed(channel: Channel, packet: Packet, number: number, outcome: string): void {
    this.#channels.delete(channel.number)
    this.#empty(channel, packet, number, outcome)
  }

  /** Nothing on the channel is waited for any more. */
  #empty(channel: Channel, packet: Packet, number: number, outcome: string): void {
    this.#assembler.interrupt('client', channel.number)
    this.#assembler.interrupt('server', channel.number)
    const { unacknowledged, unconfirmed } = channel
    for (const [name, { queue: parent }] of channel.consumers) {
      if (parent !== undefined) this.#change({ action: 'remove', kind: 'consumer', name, parent }, packet, number)
    }
    channel.close(packet.time, outcome)
    if (unacknowledged > 0) this.#unacknowledged(channel, packet, number)
    if (unconfirmed > 0) this.#unconfirmed(channel, packet, number)
    if (!channel.open) return
    channel.open = false
    this.#change({ action: 'remove', kind: 'channel', name: String(channel.number) }, packet, number)
    if (this.#open !== undefined) this.#channelsOpen(this.#open - 1, packet, number)
  }

  /** The method that is refused is told by its class and number; of a login that is refused, there is none. */
  #disconnecting(frame: MethodOf<'connection.close'>, packet: Packet, number: number): void {
    if (frame.replyCode !== SUCCESS) {
      const { type = 'connection.start-ok' } = planById(frame.classId, frame.methodId) ?? {}
      for (const { calls } of this.#channels.values()) {
        if (calls.settle(type, packet, number, false, reasonOf(frame)) !== undefined) break
      }
    }
    if (packet.side === 'server') this.#disconnected(packet, number, closedBy('connection', frame))
  }

  #disconnected(packet: Packet, number: number, outcome: string): void {
    for (const channel of this.#channels.values()) {
      this.#empty(channel, packet, number, outcome)
      channel.closedBy = packet.side
    }
    this.#rpc.abandon(packet.time, outcome)
  }

  /** What was lost may have been anything: nothing is said of what it may have changed. */
  #lose(packet: Packet, number: number): void {
    const outcome = packet.kind === 'gap' ? 'bytes lost' : 'bytes malformed'
    this.#assembler.interruptAll(packet.side)
    for (const channel of this.#channels.values()) {
      const { unacknowledged, unconfirmed } = channel
      channel.lose(packet.side, packet, outcome)
      if (unacknowledged > channel.unacknowledged) this.#unacknowledged(channel, packet, number)
      if (unconfirmed > channel.unconfirmed) this.#unconfirmed(channel, packet, number)
    }
    if (packet.side === 'server') this.#rpc.abandon(packet.time, outcome)
    this.#open = undefined
  }

  #change(change: Change | undefined, packet: Packet, number: number): void {
    if (change !== undefined) this.#out.topology({ ...change, frame: number, time: packet.time })
  }

  #channelsOpen(count: number, packet: Packet, number: number): void {
    this.#open = count
    this.#out.level('connection', 'channels', count, packet, number)
  }

  #unacknowledged(channel: Channel, packet: Packet, number: number): void {
    this.#level(channel, 'unacknowledged', channel.unacknowledged, packet, number)
  }

  #unconfirmed(channel: Channel, packet: Packet, number: number): void {
    this.#level(channel, 'unconfirmed', channel.unconfirmed, packet, number)
  }

  #level({ scope = '' }: Channel, name: string, value: number, packet: Packet, number: number): void {
    this.#out.level(scope, name, value, packet, number)
  }
}
