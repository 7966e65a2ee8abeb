import { Expected } from '../../core/index.ts'
import type { Begin, Flow } from '../frames.ts'

/** Session flow control of this run [2.5.6]: what the peer takes, and what we do. */
export class SessionWindow {
  /** Ours, as our begin has it. */
  #first = 0
  #nextOutgoingId = 0
  /** Transfers that the peer takes; undefined until it has begun. */
  #room: number | undefined
  /** The most that it ever took. */
  #most = 0
  #waiting: Expected | undefined
  #nextIncomingId: number | undefined
  /** What we said last that we take, and what is left of it. */
  #taken = 0
  #left = 0

  begin({ nextOutgoingId, incomingWindow }: Begin): void {
    this.#first = nextOutgoingId
    this.#nextOutgoingId = nextOutgoingId
    this.took(incomingWindow)
  }

  begun({ nextOutgoingId, incomingWindow }: Begin): void {
    this.#nextIncomingId = nextOutgoingId
    this.#widen(incomingWindow)
  }

  flow({ nextIncomingId = this.#first, incomingWindow }: Flow): void {
    this.#widen(incomingWindow - ((this.#nextOutgoingId - nextIncomingId) | 0))
  }

  #widen(room: number): void {
    this.#room = room
    this.#most = Math.max(this.#most, room)
    if (room <= 0) return
    this.#waiting?.meet()
    this.#waiting = undefined
  }

  /** Whether so many transfers may be sent. More at once than it ever takes is more than can be waited for. */
  fits(count: number): boolean {
    return this.#room !== undefined && this.#room >= Math.min(count, Math.max(1, this.#most))
  }

  /** What to wait for before so many transfers may be sent; undefined where they may. */
  wait(count: number): Expected | undefined {
    if (this.fits(count)) return undefined
    this.#waiting ??= new Expected('room in the window of its session', true)
    return this.#waiting
  }

  sent(count: number): void {
    this.#nextOutgoingId = (this.#nextOutgoingId + count) >>> 0
    if (this.#room !== undefined) this.#room -= count
  }

  /** True where the peer may send nothing more until we say so. */
  received(): boolean {
    if (this.#nextIncomingId !== undefined) this.#nextIncomingId = (this.#nextIncomingId + 1) >>> 0
    return --this.#left === 0
  }

  /** We say that we take so many. */
  took(incomingWindow: number): void {
    this.#taken = incomingWindow
    this.#left = incomingWindow
  }

  /** What a flow says of the session. */
  get state(): Pick<Flow, 'nextIncomingId' | 'incomingWindow' | 'nextOutgoingId'> {
    return {
      nextIncomingId: this.#nextIncomingId,
      incomingWindow: this.#taken,
      nextOutgoingId: this.#nextOutgoingId,
    }
  }
}
