import { Expected, hex, Pairs, type Player, type PlayOptions, type Said } from '../../core/index.ts'
import type { Connection } from '../dialogue.ts'
import { isRequest, Message, type ReliableFrame, Signal } from '../frames.ts'
import { Exchanges, spokenOf } from './exchanges.ts'
import { optionsAgain } from './request.ts'

/** One end of CoAP over TCP or WebSocket, played again. */
export class ReliablePlayer implements Player<ReliableFrame, Connection> {
  readonly keepAlive = undefined
  readonly #options: PlayOptions
  readonly #exchanges: Exchanges
  readonly #signals = new Pairs<undefined, undefined>(() => {})
  /** Our CSM is sent. */
  #opened = false

  constructor(options: PlayOptions) {
    this.#options = options
    this.#exchanges = new Exchanges(options)
  }

  get unexpected(): number {
    return [...this.#exchanges.unexpected()].length
  }

  alive(): readonly ReliableFrame[] {
    return []
  }

  leave(): readonly ReliableFrame[] {
    return []
  }

  recall(frame: ReliableFrame): Expected | undefined {
    switch (frame.type) {
      case 'message':
        return isEmpty(frame) ? undefined : this.#exchanges.recall(frame, spokenOf(frame))
      case 'csm': {
        const expected = this.#signals.recall('csm', undefined, 'csm', false)
        // Neither side's waits for the other's.
        return this.#opened ? expected : undefined
      }
      case 'pong':
        return this.#signals.recall(nameOf(frame), undefined, nameOf(frame), false)
      default:
        return undefined
    }
  }

  say(frame: ReliableFrame): Said<ReliableFrame> {
    // It goes out when the peer asks for it.
    if (frame.type === 'pong') return { action: 'skip' }
    if (frame.type === 'csm') this.#opened = true
    if (frame.type !== 'message' || isEmpty(frame)) return ORDERLY
    const { code, token, payload } = frame
    if (isRequest(code)) {
      this.#exchanges.ask(frame)
      const options = optionsAgain(frame, this.#options)
      if (options === frame.options) return ORDERLY
      return { action: 'send', orderly: true, frames: [new Message({ code, token, options, payload })] }
    }
    const asked = this.#exchanges.answering(token)
    if (asked instanceof Expected) return { action: 'wait', for: asked }
    if (asked === undefined) return { action: 'skip', reason: `nobody asked for the answer ${hex(token)}` }
    return { action: 'send', frames: [new Message({ code, token: asked.token, options: frame.options, payload })] }
  }

  hear(frame: ReliableFrame): readonly ReliableFrame[] {
    switch (frame.type) {
      case 'message':
        if (!isEmpty(frame)) this.#exchanges.hear(frame, spokenOf(frame))
        return []
      case 'ping':
        return [new Signal({ type: 'pong', code: '7.03', token: frame.token })]
      default:
        this.#signals.hear(nameOf(frame), undefined)
        return []
    }
  }
}

const isEmpty = ({ code }: ReliableFrame): boolean => code === '0.00'

const nameOf = ({ type, token }: ReliableFrame): string => (type === 'pong' ? `pong ${hex(token)}` : type)

const ORDERLY = { action: 'same', orderly: true } as const
