import { Expected, Pairs, type Player, type PlayOptions, Recent, type Said } from '../../core/index.ts'
import type { CommandFrame, StompFrame } from '../frames.ts'
import type { Context } from '../version.ts'
import { connectAgain, keepAliveOf } from './connect.ts'
import { Deliveries } from './deliveries.ts'

/** What nothing is done about before it is answered. */
const STRICT: ReadonlySet<string> = new Set(['SUBSCRIBE', 'UNSUBSCRIBE', 'DISCONNECT'])
/** How many receipts can still come. */
const MOST_RECEIPTS = 131_072

/**
 * A client of STOMP 1.0, 1.1 or 1.2, played again. Its receipts, transactions and subscriptions are what they were, as it
 * chose their names; sessions, message ids and what messages are acknowledged by are the broker's.
 */
export class StompPlayer implements Player<StompFrame, Context> {
  readonly #options: PlayOptions
  readonly #deliveries: Deliveries
  readonly #answers = new Pairs<undefined, undefined>(() => {})
  /** By the receipt that it asks for, the command that we sent last. */
  readonly #asked = new Recent<string, string>(MOST_RECEIPTS)
  #connect: CommandFrame | undefined
  #keepAlive: number | undefined

  constructor(options: PlayOptions) {
    this.#options = options
    this.#deliveries = new Deliveries(options)
  }

  get keepAlive(): number | undefined {
    return this.#keepAlive
  }

  get unexpected(): number {
    return this.#deliveries.unexpected
  }

  alive(): readonly StompFrame[] {
    return [{ type: 'heartbeat' }]
  }

  leave(): readonly StompFrame[] {
    return this.#deliveries.leave()
  }

  recall(frame: StompFrame): Expected | undefined {
    const { type, receiptId } = frame as CommandFrame
    switch (type) {
      case 'MESSAGE':
        return this.#deliveries.recall(frame as CommandFrame)
      case 'CONNECTED':
      case 'ERROR':
        return this.#answers.recall(type, undefined, type, false)
      case 'RECEIPT': {
        const name = `receipt ${receiptId}`
        const asked = this.#asked.get(receiptId ?? '')
        const expected = this.#answers.recall(name, undefined, name, asked === undefined || !STRICT.has(asked))
        // A capture may have an answer before what it answers, which is no cause then.
        return asked === undefined ? undefined : expected
      }
      default:
        return undefined
    }
  }

  say(frame: StompFrame): Said<StompFrame> {
    if (frame.type === 'heartbeat') return { action: 'skip' }
    const { type, receipt, destination } = frame as CommandFrame
    if (receipt !== undefined) this.#asked.set(receipt, type)
    switch (type) {
      case 'CONNECT':
      case 'STOMP':
        this.#connect = frame as CommandFrame
        return connectAgain(frame as CommandFrame, this.#options)
      case 'SEND': {
        const reply = destination === undefined ? undefined : this.#deliveries.reply(destination)
        if (reply instanceof Expected) return { action: 'wait', for: reply }
        return this.#to(frame as CommandFrame, reply ?? this.#address(destination), false)
      }
      case 'SUBSCRIBE':
        this.#deliveries.subscribe(frame as CommandFrame)
        return this.#to(frame as CommandFrame, this.#address(destination), true)
      case 'UNSUBSCRIBE':
        return this.#to(frame as CommandFrame, this.#address(destination), true)
      case 'ACK':
      case 'NACK':
        return this.#deliveries.acknowledge(frame as CommandFrame)
      case 'BEGIN':
      case 'COMMIT':
      case 'ABORT':
        return { action: 'same' }
      case 'DISCONNECT': {
        const owed = this.leave()
        return owed.length === 0 ? ORDERLY : { action: 'send', orderly: true, frames: [...owed, frame] }
      }
      default:
        return ORDERLY
    }
  }

  hear(frame: StompFrame): readonly StompFrame[] {
    const { type, receiptId } = frame as CommandFrame
    if (type === 'MESSAGE') this.#deliveries.hear(frame as CommandFrame)
    else if (type === 'RECEIPT') this.#answers.hear(`receipt ${receiptId}`, undefined)
    else if (type !== 'heartbeat') this.#answers.hear(type, undefined)
    if (type === 'CONNECTED') this.#keepAlive = keepAliveOf(this.#connect?.heartBeat, (frame as CommandFrame).heartBeat)
    return []
  }

  #to(frame: CommandFrame, destination: string | undefined, orderly: boolean): Said<StompFrame> {
    if (destination === frame.destination) return { action: 'same', orderly }
    const moved: CommandFrame = { ...frame, destination }
    return { action: 'send', orderly, frames: [moved] }
  }

  /** Copies have queues of their own. */
  #address(recorded: string | undefined): string | undefined {
    if (recorded === undefined) return undefined
    const { address, copy } = this.#options
    return copy > 0 && recorded.startsWith('/queue/') ? `${address(recorded)}-${copy}` : address(recorded)
  }
}

const ORDERLY = { action: 'same', orderly: true } as const
