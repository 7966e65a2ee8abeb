import { hex, type Packet, type ScriptReader, type Spoken } from '../../core/index.ts'
import { type CoapFrame, Datagram, isRequest, Message } from '../frames.ts'
import { Messages } from '../play/messages.ts'
import { asking, type CoapAct } from './act.ts'

type Words = Spoken<CoapAct, unknown>

/** Requests that can still be answered. */
const MOST = 65_536

/** A recorded connection, or what one client and a server said in datagrams. */
export class CoapReader implements ScriptReader<CoapFrame, CoapAct, unknown> {
  readonly #asked = new Messages<CoapAct>()
  readonly #said = new Messages<CoapFrame>()
  /** By token, and whether it was answered. */
  readonly #open = new Map<string, { readonly act: CoapAct; answered: boolean }>()

  did(frame: CoapFrame, packet: Packet): readonly CoapAct[] {
    const act = asking(frame)
    if (act === undefined) return []
    const kept = withoutBody(act)
    if ('messageId' in frame) {
      // Sent once more [RFC 7252 §4.5].
      if (this.#asked.repeated(frame.messageId, packet)) return []
      this.#asked.add(frame.messageId, packet, kept)
    }
    if (this.#open.size < MOST) this.#open.set(hex(frame.token), { act: kept, answered: false })
    return [kept]
  }

  said(frame: CoapFrame, packet: Packet): readonly Words[] {
    const packets = [packet]
    if (frame.type === 'RST') {
      const to = this.#asked.get(frame.messageId)
      return to === undefined ? [] : [{ packets, to, kind: 'answer' }]
    }
    if (frame.code === EMPTY || isRequest(frame.code) || !(frame instanceof Datagram || frame instanceof Message))
      return []
    if ('messageId' in frame && frame.type !== 'ACK') {
      if (this.#said.repeated(frame.messageId, packet)) return []
      this.#said.add(frame.messageId, packet, frame)
    }
    const asked = this.#open.get(hex(frame.token))
    if (asked === undefined) return []
    const kind = asked.answered ? 'event' : 'answer'
    asked.answered = true
    return [{ packets, to: asked.act, kind }]
  }
}

const EMPTY = '0.00'

/** What it brings is in its detail; the bytes are not kept. */
function withoutBody(act: CoapAct): CoapAct {
  const { code, token, options } = act.frame
  const frame =
    act.frame instanceof Datagram
      ? new Datagram({ code, token, options, type: act.frame.type, messageId: act.frame.messageId })
      : new Message({ code, token, options })
  return { ...act, frame }
}
