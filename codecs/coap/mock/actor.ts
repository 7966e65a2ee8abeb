import { type Actor, type Heard, hex, type Line, type Packet, Recent } from '../../core/index.ts'
import { type CoapFrame, Datagram, isRequest, Message, Signal } from '../frames.ts'
import { Options } from '../options.ts'
import { Messages } from '../play/messages.ts'
import { asking, type CoapAct } from './act.ts'

type Saying = readonly CoapFrame[] | 'never'

const EMPTY = '0.00'
const NOT_FOUND = '4.04'
const FORBIDDEN = '4.03'
/** Of Observe in a request [RFC 7641 §2]. */
const DEREGISTER = 1
/** Notifications that can still be refused. */
const MOST = 65_536

/** A server of CoAP, to one client, whatever carries it. */
export class CoapActor implements Actor<CoapFrame, CoapAct, unknown> {
  /** By message ID, what was answered: the same again to who asks again [RFC 7252 §4.5]. */
  readonly #answers = new Messages<CoapFrame[]>()
  /** Tokens of observations that the client ended. */
  readonly #ended = new Recent<string, true>(MOST)
  /** By our message ID, the token of a notification. */
  readonly #notified = new Recent<number, string>(MOST)
  #messageId = 0

  hear(frame: CoapFrame, packet: Packet): Heard<CoapFrame, CoapAct> {
    if (frame.type === 'csm') return { acts: [], send: [CSM] }
    if (frame.type === 'ping') return { acts: [], send: [pong(frame.token)] }
    if (frame.type === 'RST') {
      const token = this.#notified.get(frame.messageId)
      if (token !== undefined) this.#ended.set(token, true)
      return { acts: [] }
    }
    if (frame.type === 'CON' && frame.code === EMPTY) return { acts: [], send: [empty('RST', frame.messageId)] }
    const act = asking(frame)
    if (act === undefined) return { acts: [] }
    const token = hex(frame.token)
    if ('messageId' in frame) {
      if (this.#answers.repeated(frame.messageId, packet)) {
        return { acts: [], send: this.#answers.get(frame.messageId) ?? [] }
      }
      this.#answers.add(frame.messageId, packet, [])
    }
    if (act.frame.options.fields.observe === DEREGISTER) this.#ended.set(token, true)
    else this.#ended.delete(token)
    return { acts: [act] }
  }

  recognise(): void {
    // Tokens and message IDs are each request's own; all else is called as it was.
  }

  say({ frames }: Line<CoapFrame>, now: CoapAct | undefined, echo: CoapAct | undefined): Saying {
    const [frame] = frames
    if (frame === undefined || now === undefined) return frames
    if (frame.type === 'RST')
      return this.#answered(now, 'messageId' in now.frame ? [empty('RST', now.frame.messageId)] : [])
    const { code, options } = frame
    const { token } = now.frame
    const observing = now.frame.options.fields.observe === 0 && options.fields.observe !== undefined
    if (observing && this.#ended.get(hex(token)) !== undefined) return 'never'
    const whole = options.fields.block2 === undefined && echo?.frame.options.fields.block1 === undefined
    const payload = echo !== undefined && whole && isRequest(echo.frame.code) ? echo.frame.payload : frame.payload
    const content = { code, token, options, payload }
    if (!('messageId' in now.frame)) return [new Message(content)]
    if (frame.type === 'ACK') return this.#answered(now, [this.#response(now.frame, content)])
    const messageId = this.#next(hex(token))
    const apart = new Datagram({ ...content, type: frame.type === 'CON' ? 'CON' : 'NON', messageId })
    if (this.#isAnswered(now.frame.messageId)) return [apart]
    return this.#answered(now, now.frame.type === 'CON' ? [empty('ACK', now.frame.messageId), apart] : [apart])
  }

  improvise(now: CoapAct): readonly CoapFrame[] {
    return this.#refusal(now, NOT_FOUND)
  }

  refuse(now: CoapAct): { frames: readonly CoapFrame[]; end: boolean } {
    return { frames: this.#refusal(now, FORBIDDEN), end: false }
  }

  #refusal(now: CoapAct, code: string): CoapFrame[] {
    const content = { code, token: now.frame.token }
    if (!('messageId' in now.frame)) return [new Message(content)]
    return this.#answered(now, [this.#response(now.frame, content)])
  }

  /** In the acknowledgement, where there is to be one [RFC 7252 §5.2.1]. */
  #response(asked: Datagram, content: ConstructorParameters<typeof Message>[0]): Datagram {
    return asked.type === 'CON'
      ? new Datagram({ ...content, type: 'ACK', messageId: asked.messageId })
      : new Datagram({ ...content, type: 'NON', messageId: this.#next(hex(asked.token)) })
  }

  #isAnswered(messageId: number): boolean {
    return (this.#answers.get(messageId)?.length ?? 0) > 0
  }

  #answered({ frame }: CoapAct, frames: CoapFrame[]): CoapFrame[] {
    if ('messageId' in frame) this.#answers.get(frame.messageId)?.push(...frames)
    return frames
  }

  #next(token: string): number {
    this.#messageId = (this.#messageId + 1) & 0xffff
    this.#notified.set(this.#messageId, token)
    return this.#messageId
  }
}

/** What a server that takes long messages says for itself [RFC 8323 §5.3]. */
const CSM = new Signal({
  type: 'csm',
  code: '7.01',
  options: Options.of(
    [
      ['Max-Message-Size', 8 << 20],
      ['Block-Wise-Transfer', true],
    ],
    '7.01',
  ),
})

const pong = (token: Uint8Array): Signal => new Signal({ type: 'pong', code: '7.03', token })

const empty = (type: Datagram['type'], messageId: number): Datagram => new Datagram({ type, code: EMPTY, messageId })
