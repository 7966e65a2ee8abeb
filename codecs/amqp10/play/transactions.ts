import { Deferred, hex, Recent, Writer } from '../../core/index.ts'
import { Body } from '../body.ts'
import type { Composite, Disposition, Transfer } from '../frames.ts'
import { writeMessage } from '../message.ts'
import { Value } from '../value.ts'

type State = Disposition['state']

/** Transactions under way at once, at most. */
const MOST = 8192

/** What the coordinator calls its transactions in this run [4.5]. */
export class Transactions {
  readonly #live = new Recent<string, Uint8Array>(MOST)

  learn(then: Uint8Array | undefined, now: Uint8Array | undefined): void {
    if (then !== undefined && now !== undefined) this.#live.set(hex(then), now.slice())
  }

  /** `state` of the transaction of this run; itself where it is none's, or called the same. */
  state(state: State): State {
    if (state === undefined || state instanceof Value || state.type !== 'transactional-state') return state
    const txnId = this.#of(state.txnId)
    return txnId === state.txnId ? state : { ...state, txnId }
  }

  /** A message to the coordinator [4.5.2] with the name of this run; `recorded` where it is the same. */
  content({ message }: Transfer, recorded: Uint8Array): Uint8Array {
    const { body } = message instanceof Deferred ? message.value : (message ?? {})
    const [asked] = (body?.sections ?? []) as readonly (Composite | Value)[]
    if (asked === undefined || asked instanceof Value || asked.type !== 'discharge') return recorded
    const txnId = this.#of(asked.txnId)
    if (txnId === asked.txnId) return recorded
    const writer = new Writer(64)
    writeMessage(writer, { body: new Body('amqpValue', [{ ...asked, txnId }]) })
    return writer.take()
  }

  #of(then: Uint8Array): Uint8Array {
    return this.#live.get(hex(then)) ?? then
  }
}

/** What a coordinator calls the transaction that it declared [4.5.5]. */
export const declaredBy = (state: State): Uint8Array | undefined =>
  state === undefined || state instanceof Value || state.type !== 'declared' ? undefined : state.txnId
