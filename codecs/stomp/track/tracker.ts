import type { Tracker } from '../../core/index.ts'
import { Exchange, Exchanges, type Packet, type Pending, type TrackOptions } from '../../core/index.ts'
import type { CommandFrame, StompFrame } from '../frames.ts'
import { definitionOf } from '../tables.ts'
import type { Context } from '../version.ts'
import { SentMessage } from './message.ts'
import { Subscriptions, type Verdict } from './subscriptions.ts'

/** What an answered receipt says of its frame, where that is not the command itself. */
const KINDS: Readonly<Record<string, string>> = { SEND: 'publish-confirm' }
/** Destinations of a connection that are told as used; more are not. */
const MOST_DESTINATIONS = 4096
/** Acknowledgements that wait for the end of their transaction; more count at once. */
const MOST_HELD = 4096

/** Messages and exchanges of one STOMP connection. */
export class StompTracker implements Tracker<StompFrame, Context> {
  readonly exchanges: Exchanges
  readonly #out: TrackOptions['out']
  readonly #connects: Pending<null>
  /** Frames of any command that ask for a receipt, by its id. */
  readonly #receipts: Pending<string>
  readonly #transactions: Pending<string>
  readonly #subscriptions: Subscriptions
  /** Acknowledgements of transactions that are not at their end. */
  readonly #held = new Map<string, Verdict[]>()
  #heldCount = 0
  readonly #used = new Set<string>()
  /** What the ERROR says that was the server's last frame: the connection ends with it. */
  #error: string | undefined

  constructor({ out, room }: TrackOptions) {
    this.#out = out
    this.exchanges = new Exchanges(out, room)
    this.#connects = this.exchanges.group()
    this.#receipts = this.exchanges.group()
    this.#transactions = this.exchanges.group()
    this.#subscriptions = new Subscriptions(out, this.exchanges)
  }

  take(packet: Packet<Context>, frame: StompFrame | undefined, number: number): void {
    if (frame === undefined || definitionOf(frame.type)?.from !== packet.side) return
    if (packet.side === 'client') this.#fromClient(packet, frame as CommandFrame, number)
    else this.#fromServer(packet, frame as CommandFrame, number)
  }

  /** The server MUST close the connection after an ERROR [STOMP 1.2, ERROR]: nothing is answered any more. */
  end(time: number): void {
    if (this.#error !== undefined) this.exchanges.close(time, this.#error)
  }

  #fromClient(packet: Packet<Context>, frame: CommandFrame, number: number): void {
    const { type, receipt, destination } = frame
    switch (type) {
      case 'CONNECT':
      case 'STOMP': {
        const address = frame.headers.get('host')
        this.#connects.begin(null, new Exchange({ kind: 'connect', address }, packet, number))
        return
      }
      case 'SEND':
        this.#use(destination, packet, number)
        this.#out.message(new SentMessage(frame, packet, number))
        this.#inTransaction(frame, packet, number)
        break
      case 'SUBSCRIBE':
        this.#subscriptions.add(frame, packet, number)
        break
      case 'UNSUBSCRIBE':
        this.#subscriptions.remove(frame, packet, number)
        break
      case 'ACK':
      case 'NACK':
        this.#acknowledge(frame, packet, number)
        break
      case 'BEGIN':
        this.#begin(frame, packet, number)
        break
      case 'COMMIT':
      case 'ABORT':
        this.#finish(frame, packet, number)
        break
    }
    if (receipt === undefined) return
    const kind = KINDS[type] ?? type.toLowerCase()
    this.#receipts.begin(receipt, new Exchange({ kind, id: receipt, address: destination }, packet, number))
  }

  #fromServer(packet: Packet<Context>, frame: CommandFrame, number: number): void {
    const { type, receiptId } = frame
    this.#error = undefined
    switch (type) {
      case 'CONNECTED':
        this.#connects.settle(null, packet, number, true, `version ${frame.headers.get('version') ?? '1.0'}`)
        break
      case 'MESSAGE':
        this.#out.message(new SentMessage(frame, packet, number))
        this.#subscriptions.deliver(frame, packet, number)
        break
      case 'RECEIPT':
        if (receiptId !== undefined) this.#receipts.settle(receiptId, packet, number, true, type)
        break
      case 'ERROR':
        this.#fail(frame, packet, number)
        break
    }
  }

  #use(destination: string | undefined, { time }: Packet, frame: number): void {
    if (destination === undefined || this.#used.has(destination) || this.#used.size >= MOST_DESTINATIONS) return
    this.#used.add(destination)
    this.#out.topology({ action: 'use', kind: 'destination', name: destination, frame, time })
  }

  #begin({ transaction }: CommandFrame, packet: Packet, number: number): void {
    if (transaction === undefined) return
    this.#release(transaction)
    this.#transactions.begin(transaction, new Exchange({ kind: 'transaction', id: transaction }, packet, number))
  }

  #inTransaction({ type, transaction }: CommandFrame, packet: Packet, number: number): boolean {
    const open = transaction === undefined ? undefined : this.#transactions.get(transaction)
    open?.step(type, packet, number)
    return open !== undefined
  }

  /** What is acknowledged in a transaction is so from its COMMIT on [STOMP 1.2, BEGIN]. */
  #acknowledge(frame: CommandFrame, packet: Packet, number: number): void {
    const within = this.#inTransaction(frame, packet, number)
    const verdict = this.#subscriptions.verdict(frame)
    if (verdict === undefined) return
    if (!within || this.#heldCount >= MOST_HELD) {
      this.#subscriptions.settle(verdict, packet, number)
      return
    }
    const transaction = frame.transaction as string
    const held = this.#held.get(transaction)
    if (held === undefined) this.#held.set(transaction, [verdict])
    else held.push(verdict)
    this.#heldCount++
    this.#subscriptions.step(verdict, packet, number)
  }

  #finish({ type, transaction }: CommandFrame, packet: Packet, number: number): void {
    if (transaction === undefined) return
    const held = this.#release(transaction)
    if (type === 'COMMIT') for (const verdict of held) this.#subscriptions.settle(verdict, packet, number)
    this.#transactions.settle(transaction, packet, number, type === 'COMMIT', type)
  }

  #release(transaction: string): readonly Verdict[] {
    const held = this.#held.get(transaction) ?? []
    this.#held.delete(transaction)
    this.#heldCount -= held.length
    return held
  }

  #fail(frame: CommandFrame, packet: Packet, number: number): void {
    const { receiptId } = frame
    const message = frame.headers.get('message') ?? 'ERROR'
    this.#error = message
    this.#connects.settle(null, packet, number, false, message)
    if (receiptId === undefined) return
    this.#receipts.settle(receiptId, packet, number, false, message)
    this.#subscriptions.refuse(receiptId, packet, number)
  }
}
