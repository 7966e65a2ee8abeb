import { other, type Packet, Recent, type Rule, type Side, type Watched } from '../../core/index.ts'
import type { CoapFrame, Datagram } from '../frames.ts'
import { isRequest } from '../frames.ts'
import { classOf, type Head, headOf, identityOf, targetOf, tokenOf } from '../track/head.ts'

export type CoapRule = Rule<CoapFrame, unknown>

export const SECOND = 1e9

/** Of what a peer can make up, so many are told apart. */
export const MOST_KNOWN = 2048

/** A rule tells of so many resources. */
export const MOST_TOLD = 10

export const bySide = <T>(make: () => T): Readonly<Record<Side, T>> => ({ client: make(), server: make() })

export const isResponse = ({ code }: CoapFrame): boolean => classOf(code) >= 2 && classOf(code) <= 5

/** A message with a message ID: of UDP or DTLS. */
export const isDatagram = (frame: CoapFrame): frame is Datagram => 'messageId' in frame

/** What several rules need to know of a connection, made once for each. */
export function perFlow<T>(make: () => T): (flow: Watched) => T {
  const made = new WeakMap<Watched, T>()
  return flow => {
    const known = made.get(flow) ?? make()
    made.set(flow, known)
    return known
  }
}

/** A request as far as what follows depends on it. */
export interface Request {
  readonly head: Head
  readonly number: number
  readonly time: number
  /** `/sensors/temp`. */
  readonly address: string
  /** Method, target, Request-Tag: what the blocks of one body have in common, and a request made again. */
  readonly identity: string
}

interface Taken {
  readonly request?: Request
  readonly answered?: Request
}

const NEITHER: Taken = {}

/** Requests by their tokens, for the responses that carry the same [RFC 7252 §5.3.1]. */
export class Asked {
  static readonly of = perFlow(() => new Asked())
  readonly #byToken = bySide(() => new Recent<string, Request>(MOST_KNOWN))

  #number = 0
  #taken: Taken = NEITHER

  /** Takes a request; or tells which request a response is for, if it was seen. */
  take(frame: CoapFrame, packet: Packet, number: number): Taken {
    if (this.#number !== number) [this.#number, this.#taken] = [number, this.#take(frame, packet, number)]
    return this.#taken
  }

  #take(frame: CoapFrame, packet: Packet, number: number): Taken {
    if (frame.type !== 'message' && !isDatagram(frame)) return NEITHER
    if (isRequest(frame.code)) {
      const head = headOf(frame, packet)
      const { address } = targetOf(head)
      const request = { head, number, time: packet.time, address, identity: identityOf(head) }
      this.#byToken[packet.side].set(head.token, request)
      return { request }
    }
    if (!isResponse(frame)) return NEITHER
    const answered = this.#byToken[other(packet.side)].get(tokenOf(frame))
    return answered === undefined ? NEITHER : { answered }
  }
}
