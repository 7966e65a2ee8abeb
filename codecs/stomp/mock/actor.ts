import type { Actor, Heard, Line, MockOptions } from '../../core/index.ts'
import { type CommandFrame, type StompFrame, stompFrame } from '../frames.ts'
import { Headers } from '../headers.ts'
import { keepAliveOf } from '../play/connect.ts'
import { versions } from '../tables.ts'
import type { Context } from '../version.ts'
import { Doing, type StompAct } from './act.ts'
import { Names } from './names.ts'

type Saying = readonly StompFrame[] | 'later' | 'never'
type Pair = readonly [name: string, value: string]

/** What brokers put into a MESSAGE; the rest is from who sent it. */
const BROKERS: ReadonlySet<string> = new Set([
  'subscription',
  'message-id',
  'destination',
  'ack',
  'redelivered',
  'timestamp',
  'expires',
  'priority',
  'persistent',
])
/** What who sends a message says to the broker alone. */
const SENDERS: ReadonlySet<string> = new Set([...BROKERS, 'receipt', 'transaction', 'content-length'])

/** A broker of STOMP 1.0, 1.1 or 1.2, to one client. */
export class StompActor implements Actor<StompFrame, StompAct, Context> {
  readonly #names: Names
  readonly #doing: Doing
  /** Milliseconds; undefined for never [STOMP 1.2, Heart-beating]. */
  #keepAlive: number | undefined

  constructor(options: MockOptions) {
    this.#names = new Names(options)
    this.#doing = new Doing(destination => this.#names.recorded(destination))
  }

  get keepAlive(): number | undefined {
    return this.#keepAlive
  }

  alive(): readonly StompFrame[] {
    return [{ type: 'heartbeat' }]
  }

  hear(frame: StompFrame): Heard<StompFrame, StompAct> {
    const acts = this.#doing.did(frame)
    if (frame.type !== 'DISCONNECT') return { acts }
    return { acts, send: receiptOf(frame as CommandFrame), end: true }
  }

  recognise(then: StompAct, now: StompAct): void {
    this.#names.recognise(then, now)
  }

  say({ frames }: Line<StompFrame>, now: StompAct | undefined, echo: StompAct | undefined): Saying {
    const frame = frames[0] as CommandFrame | undefined
    switch (frame?.type) {
      case 'CONNECTED':
        return now === undefined ? [] : [this.#connected(frame.headers, now.frame)]
      case 'RECEIPT':
        return now === undefined ? [] : receiptOf(now.frame)
      case 'ERROR': {
        const receipt = now?.frame.receipt
        const headers = pairsOf(frame.headers).filter(([name]) => name !== 'receipt-id')
        const own: Pair[] = receipt === undefined ? [] : [['receipt-id', receipt]]
        return [stompFrame('ERROR', Headers.of(...headers, ...own), frame.body)]
      }
      case 'MESSAGE':
        return this.#deliver(frame, now, echo)
      default:
        return frames
    }
  }

  improvise({ type, frame }: StompAct): readonly StompFrame[] {
    return type === 'CONNECT' ? [this.#connected(OFFERED, frame)] : receiptOf(frame)
  }

  refuse({ frame: { receipt } }: StompAct): { frames: readonly StompFrame[]; end: boolean } {
    const why: Pair = ['message', 'the recording has no answer to this']
    const own: Pair[] = receipt === undefined ? [] : [['receipt-id', receipt]]
    return { frames: [stompFrame('ERROR', Headers.of(why, ...own))], end: true }
  }

  /** In a version that this client takes: that of then, or the highest of its own. */
  #connected(then: Headers, { acceptVersion = '1.0', heartBeat }: CommandFrame): CommandFrame {
    const accepted = acceptVersion.split(',').map(text => text.trim())
    const recorded = then.get('version') ?? '1.0'
    const version = accepted.includes(recorded) ? recorded : (versions.findLast(one => accepted.includes(one)) ?? '1.0')
    this.#keepAlive = keepAliveOf(then.get('heart-beat'), heartBeat)
    const session = then.get('session')
    let headers = then.with('version', version)
    if (session !== undefined) headers = headers.with('session', this.#names.madeUp(session))
    return stompFrame('CONNECTED', Headers.of(...pairsOf(headers)))
  }

  #deliver(frame: CommandFrame, now: StompAct | undefined, echo: StompAct | undefined): Saying {
    const asked = now?.frame
    const key = asked?.id ?? asked?.destination
    const subscription = key === undefined ? undefined : this.#doing.subscription(key)
    if (subscription === undefined || subscription.act !== now) return 'never'
    const most = Number(asked?.headers.get('prefetch-count') ?? 0)
    if (subscription.mode !== 'auto' && most > 0 && subscription.unsettled.size >= most) return 'later'
    const messageId = this.#names.madeUp(frame.messageId ?? '')
    const passed = echo === undefined ? [] : pairsOf(echo.frame.headers).filter(([name]) => !SENDERS.has(name))
    const brokers = pairsOf(frame.headers).flatMap(([name, value]): Pair[] => {
      if (name === 'subscription') return asked?.id === undefined ? [] : [[name, asked.id]]
      if (name === 'message-id') return [[name, messageId]]
      if (name === 'ack') return []
      if (name === 'destination' || name === 'reply-to') return [[name, this.#names.destination(value)]]
      if (name === 'correlation-id') return [[name, this.#names.correlation(value)]]
      return [[name, value]]
    })
    const own =
      echo === undefined ? brokers : brokers.filter(([name]) => BROKERS.has(name) || name === 'content-length')
    const ack = this.#names.madeUp(frame.ack ?? frame.messageId ?? '')
    const named: Pair[] = subscription.mode === 'auto' ? [] : [['ack', ack]]
    const body = echo === undefined ? frame.body : echo.frame.body
    const message = stompFrame('MESSAGE', Headers.of(...own, ...named, ...passed), body)
    this.#doing.deliver(message)
    return [message]
  }
}

const receiptOf = ({ receipt }: CommandFrame): CommandFrame[] =>
  receipt === undefined ? [] : [stompFrame('RECEIPT', Headers.of(['receipt-id', receipt]))]

const pairsOf = (headers: Headers): Pair[] => headers.entries.map(({ name, value }) => [name, value])

const OFFERED = Headers.of(['version', '1.2'], ['server', 'mqinspect'], ['heart-beat', '0,0'])
