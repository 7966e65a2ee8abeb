import type { Pen } from '../../core/index.ts'
import type { Amqp10Frame, Begin, Flow } from '../frames.ts'
import { CHANNEL, WINDOW } from './opening.ts'

/** What a flow says of a link, beside the session. */
export type LinkState = Pick<Flow, 'handle' | 'deliveryCount' | 'linkCredit' | 'drain'>

/** Transfers of the session either way, and how many more the peer takes [2.5.6]. */
export class Session {
  readonly #pen: Pen<Amqp10Frame>
  #nextIncomingId = 0
  #nextOutgoingId = 0
  #window = 0
  /** Transfers that the peer may send in all before it hears from us, and still. */
  readonly #most: number
  #left: number

  constructor(pen: Pen<Amqp10Frame>, most: number) {
    this.#pen = pen
    this.#most = most
    this.#left = most
  }

  /** How many more transfers the peer takes. */
  get window(): number {
    return this.#window
  }

  began({ nextOutgoingId, incomingWindow }: Begin): void {
    this.#nextIncomingId = nextOutgoingId
    this.#window = incomingWindow
  }

  /** Without a next-incoming-id the peer has not seen our begin, and so none of our transfers. */
  flow({ nextIncomingId = 0, incomingWindow }: Flow): void {
    this.#window = incomingWindow - ((this.#nextOutgoingId - nextIncomingId) >>> 0)
  }

  sent(transfers: number): void {
    this.#nextOutgoingId = (this.#nextOutgoingId + transfers) >>> 0
    this.#window -= transfers
  }

  received(): void {
    this.#nextIncomingId = (this.#nextIncomingId + 1) >>> 0
    if (--this.#left <= this.#most >> 1) this.tell()
  }

  /** Tells the peer how things stand. */
  tell(link: LinkState = {}): void {
    this.#left = this.#most
    this.#pen.send({
      type: 'flow',
      channel: CHANNEL,
      nextIncomingId: this.#nextIncomingId,
      incomingWindow: this.#most,
      nextOutgoingId: this.#nextOutgoingId,
      outgoingWindow: WINDOW,
      ...link,
    })
  }
}
