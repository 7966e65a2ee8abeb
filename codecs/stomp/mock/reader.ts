import type { Packet, ScriptReader, Spoken } from '../../core/index.ts'
import { type CommandFrame, type StompFrame, stompFrame } from '../frames.ts'
import type { Context } from '../version.ts'
import { contentOf, Doing, type StompAct } from './act.ts'

type Words = Spoken<StompAct, Context>

/** Receipts that were asked for and not given. */
const MOST_ASKED = 65_536

/** A recorded connection. */
export class StompReader implements ScriptReader<StompFrame, StompAct, Context> {
  readonly #doing = new Doing(destination => destination)
  /** By receipt. */
  readonly #asked = new Map<string, StompAct>()
  #connect: StompAct | undefined
  #last: StompAct | undefined
  /** What gave messages back, by where they came from. */
  readonly #returned = new Map<string, StompAct>()
  /** What was sent in a transaction, by transaction; what made it valid, by content. */
  readonly #held = new Map<string, StompAct[]>()
  readonly #committed = new Map<string, StompAct>()

  did(frame: StompFrame): readonly StompAct[] {
    const acts = this.#doing.did(frame).map(withoutBody)
    for (const act of acts) this.#note(act)
    const last = acts.at(-1)
    const receipt = last?.frame.receipt
    if (last !== undefined && receipt !== undefined && this.#asked.size < MOST_ASKED) this.#asked.set(receipt, last)
    return acts
  }

  said(frame: StompFrame, packet: Packet<Context>): readonly Words[] {
    const { type, receiptId } = frame as CommandFrame
    const packets = [packet]
    switch (type) {
      case 'CONNECTED':
        return [{ packets, to: this.#connect, kind: 'answer' }]
      case 'RECEIPT': {
        const to = this.#answered(receiptId)
        // Who leaves is answered whatever the recording has.
        return to === undefined || to.farewell === true ? [] : [{ packets, to, kind: 'answer' }]
      }
      case 'ERROR':
        return [{ packets, to: this.#answered(receiptId) ?? this.#last, kind: 'answer' }]
      case 'MESSAGE':
        return this.#delivery(frame as CommandFrame, packet)
      default:
        return []
    }
  }

  #answered(receipt: string | undefined): StompAct | undefined {
    const act = this.#asked.get(receipt ?? '')
    this.#asked.delete(receipt ?? '')
    return act
  }

  #note(act: StompAct): void {
    this.#last = act
    const { type, address = '', frame } = act
    const { transaction } = frame
    if (type === 'CONNECT') this.#connect = act
    else if (type === 'NACK') this.#returned.set(address, act)
    else if (type === 'SEND' && transaction !== undefined) {
      this.#held.set(transaction, [...(this.#held.get(transaction) ?? []), act])
    } else if (transaction !== undefined && (type === 'COMMIT' || type === 'ABORT')) {
      for (const sent of this.#held.get(transaction) ?? []) if (type === 'COMMIT') this.#committed.set(sent.detail, act)
      this.#held.delete(transaction)
    }
  }

  /** Of a subscription; what was sent in a transaction comes after its COMMIT, what was given back after that. */
  #delivery(frame: CommandFrame, packet: Packet<Context>): Words[] {
    this.#doing.deliver(frame)
    const { subscription, destination = '', headers } = frame
    const to = this.#doing.subscription(subscription ?? destination)?.act ?? this.#connect
    const again = headers.get('redelivered') === 'true' ? this.#returned.get(destination) : undefined
    const also = [again ?? this.#committed.get(contentOf(destination, frame.body))].filter(act => act !== undefined)
    return [{ packets: [packet], to, kind: 'event', also }]
  }
}

/** What was sent is in its detail; the bytes are not kept. */
function withoutBody(act: StompAct): StompAct {
  const { type, headers } = act.frame
  return type === 'SEND' ? { ...act, frame: stompFrame(type, headers) } : act
}
