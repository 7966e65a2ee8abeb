import type { Tracker } from '../../core/index.ts'
import {
  Exchange,
  Exchanges,
  other,
  type Packet,
  type Pending,
  type Side,
  type TrackOptions,
} from '../../core/index.ts'
import type { Context } from '../dialogue.ts'
import type { Amqp10Frame, Begin, Close, End, Open, Transfer } from '../frames.ts'
import { choices } from '../tables.ts'
import { Deliveries } from './deliveries.ts'
import { dispose } from './dispositions.ts'
import { answer, ask, because, failure } from './goodbye.ts'
import { Delivery } from './link.ts'
import { Links } from './links.ts'
import { Session } from './session.ts'

/** Sessions of a connection that are followed; more are not. */
const MOST_SESSIONS = 4096

/** Messages and exchanges of one AMQP 1.0 connection. */
export class Amqp10Tracker implements Tracker<Amqp10Frame, Context> {
  readonly exchanges: Exchanges
  readonly #out: TrackOptions['out']
  readonly #sasl: Pending<null>
  readonly #opens: Pending<null>
  readonly #begins: Pending<Session>
  readonly #ends: Pending<Session>
  /** Undefined until one side closes: it is all that then can still be answered. */
  #closes: Pending<null> | undefined
  /** By the channel that each side sends on. */
  readonly #channels: Readonly<Record<Side, Map<number, Session>>> = { client: new Map(), server: new Map() }
  readonly #deliveries: Deliveries
  readonly #links: Links

  constructor({ out, room }: TrackOptions) {
    this.#out = out
    this.#deliveries = new Deliveries(out, room)
    this.#links = new Links(out, this.#deliveries)
    const began = (exchange: Exchange): void => out.began(exchange)
    const ended = (exchange: Exchange): void => {
      if (exchange instanceof Delivery) this.#deliveries.ended(exchange)
      out.ended(exchange)
    }
    this.exchanges = new Exchanges({ began, ended }, room)
    this.#sasl = this.exchanges.group()
    this.#opens = this.exchanges.group()
    this.#begins = this.exchanges.group()
    this.#ends = this.exchanges.group()
  }

  take(packet: Packet<Context>, frame: Amqp10Frame | undefined, number: number): void {
    if (frame === undefined) this.#lost(packet.side)
    else if (frame.type === 'close') this.#close(packet, frame, number)
    else if (this.#closes !== undefined) return
    else if ('channel' in frame) this.#amqp(packet, frame, number)
    else this.#security(packet, frame, number)
  }

  end(time: number): void {
    for (const session of this.#live()) this.#links.release(session, time)
  }

  #amqp(packet: Packet<Context>, frame: AmqpFrame, number: number): void {
    switch (frame.type) {
      case 'open':
        this.#open(packet, frame, number)
        return
      case 'begin':
        this.#begin(packet, frame, number)
        return
      case 'end':
        this.#end(packet, frame, number)
        return
      case 'empty':
      case 'unknown':
        return
    }
    const session = this.#session(packet, frame.channel)
    if (session === undefined) return
    switch (frame.type) {
      case 'transfer':
        this.#transfer(session, packet, frame, number)
        break
      case 'disposition':
        dispose(session, packet, frame, number)
        this.#deliveries.levels(packet, number)
        break
      case 'flow':
        session.flow(session.ends[packet.side], session.ends[other(packet.side)], frame, packet, number)
        this.#links.flow(session, packet, frame, number)
        break
      case 'attach':
        this.#links.attach(session, packet, frame, number)
        break
      case 'detach':
        this.#links.detach(session, packet, frame, number)
        break
    }
  }

  #security(packet: Packet, frame: SecurityFrame, number: number): void {
    switch (frame.type) {
      case 'sasl-init':
        this.#sasl.begin(null, new Exchange({ kind: 'sasl', address: frame.mechanism }, packet, number))
        break
      case 'sasl-challenge':
      case 'sasl-response':
        this.#sasl.get(null)?.step(frame.type, packet, number)
        break
      case 'sasl-outcome': {
        const { code } = frame
        this.#sasl.settle(null, packet, number, code === 0, choices['sasl-code']?.[code] ?? `code ${code}`)
        break
      }
    }
  }

  /** Either side may be first: the other's is the answer [2.4.1]. */
  #open(packet: Packet, { containerId }: Open, number: number): void {
    const asked = this.#opens.get(null)
    if (asked !== undefined && asked.side !== packet.side) this.#opens.settle(null, packet, number, true, 'open')
    else this.#opens.begin(null, new Exchange({ kind: 'open', address: containerId }, packet, number))
  }

  /** What closes the connection ends all that is in it: the side that says so listens no more [2.4.3]. */
  #close(packet: Packet, { error }: Close, number: number): void {
    const text = failure(error)
    if (this.#closes !== undefined) {
      answer(this.#closes, null, packet, number, text)
      return
    }
    const { time } = packet
    for (const session of this.#live()) this.#links.release(session, time)
    for (const side of ['client', 'server'] as const) this.#channels[side].clear()
    this.exchanges.close(time, because('connection closed', text))
    this.#closes = this.exchanges.group()
    ask(this.#closes, null, new Exchange({ kind: 'close' }, packet, number), text)
  }

  /** An answer names the channel that was asked on [2.5.1]. */
  #begin(packet: Packet, frame: Begin, number: number): void {
    const { side, time } = packet
    const { channel, remoteChannel } = frame
    const former = this.#channels[side].get(channel)
    const asked = remoteChannel === undefined ? undefined : this.#channels[other(side)].get(remoteChannel)
    if (former !== undefined && former !== asked) this.#drop(former, time)
    const session = asked ?? this.#make(remoteChannel === undefined ? side : other(side), remoteChannel ?? channel)
    if (session === undefined) return
    this.#channels[side].set(channel, session)
    session.begun(session.ends[side], frame, packet, number)
    const { scope } = session
    if (remoteChannel === undefined) {
      this.#begins.begin(session, new Exchange({ kind: 'begin', scope }, packet, number))
      return
    }
    this.#begins.settle(session, packet, number, true, 'begin')
    this.#out.topology({ action: 'add', kind: 'session', name: scope, frame: number, time })
  }

  #make(opener: Side, channel: number): Session | undefined {
    if (this.#channels.client.size + this.#channels.server.size >= MOST_SESSIONS) return undefined
    const session = new Session(opener, channel, this.#out, this.exchanges)
    this.#channels[opener].set(channel, session)
    return session
  }

  /** The session of a frame; one whose begin was not seen is taken to have the same channel either way. */
  #session({ side }: Packet, channel: number): Session | undefined {
    const session = this.#channels[side].get(channel)
    if (session !== undefined) return session.ending ? undefined : session
    const made = this.#make(side, channel)
    const peer = this.#channels[other(side)]
    if (made !== undefined && !peer.has(channel)) peer.set(channel, made)
    return made
  }

  #end(packet: Packet, { channel, error }: End, number: number): void {
    const { side, time } = packet
    const session = this.#channels[side].get(channel)
    if (session === undefined) return
    const { scope, ending } = session
    const text = failure(error)
    this.#channels[side].delete(channel)
    if (ending) {
      answer(this.#ends, session, packet, number, text)
      this.#out.topology({ action: 'remove', kind: 'session', name: scope, frame: number, time })
      return
    }
    this.#finish(session, time, because('session ended', text))
    this.#deliveries.levels(packet, number)
    ask(this.#ends, session, new Exchange({ kind: 'end', scope }, packet, number), text)
  }

  #finish(session: Session, time: number, outcome: string): void {
    session.ending = true
    this.#links.release(session, time)
    this.#begins.abandon(session, time, outcome)
    session.close(time, outcome)
  }

  /** Forgets a session whose channel is used anew. */
  #drop(session: Session, time: number): void {
    this.#finish(session, time, 'superseded')
    this.#ends.abandon(session, time, 'superseded')
    for (const side of ['client', 'server'] as const) {
      for (const [channel, at] of this.#channels[side]) if (at === session) this.#channels[side].delete(channel)
    }
  }

  #transfer(session: Session, packet: Packet<Context>, frame: Transfer, number: number): void {
    const { side } = packet
    const end = session.ends[side]
    if (frame.handle === undefined) return
    const link = end.handles.get(frame.handle) ?? this.#links.implicit(session, frame.handle, packet, number)
    if (link === undefined || link.sender !== end) return
    if (link.doubtful !== undefined) this.#links.confirm(session, link)
    session.transfer(end, session.ends[other(side)], packet, number)
    this.#deliveries.transfer(link, packet, frame, number)
  }

  /** Octets of one side were lost, and with them perhaps those of a message. */
  #lost(side: Side): void {
    for (const session of this.#channels[side].values()) {
      for (const { current } of session.ends[side].handles.values()) if (current !== undefined) current.whole = false
    }
  }

  #live(): ReadonlySet<Session> {
    return new Set([...this.#channels.client.values(), ...this.#channels.server.values()])
  }
}

type AmqpFrame = Exclude<Extract<Amqp10Frame, { channel: number }>, Close>
type SecurityFrame = Exclude<Amqp10Frame, { channel: number }>
