import { Expected, hex, type Packet, Pairs, type Player, type PlayOptions, type Said } from '../../core/index.ts'
import { type Content, Datagram, type DatagramFrame, isRequest } from '../frames.ts'
import { Exchanges, spokenOf } from './exchanges.ts'
import { OwnMessages } from './own.ts'
import { acknowledgementOf, empty, PeerMessages } from './peer.ts'
import { optionsAgain } from './request.ts'

const EMPTY = '0.00'
/** In milliseconds ACK_TIMEOUT, and MAX_RETRANSMIT [RFC 7252 §4.8]. */
const RETRANSMISSION = { after: 2000, times: 4 }

/**
 * One end of CoAP over datagrams, played again: acknowledgements go to what comes now, and only what was sent first is
 * played, as retransmissions are its own.
 */
export class DatagramPlayer implements Player<DatagramFrame, null> {
  readonly keepAlive = undefined
  readonly #options: PlayOptions
  readonly #own = new OwnMessages()
  readonly #peer = new PeerMessages()
  readonly #exchanges: Exchanges
  readonly #resets = new Pairs<undefined, undefined>(() => {})

  constructor(options: PlayOptions) {
    this.#options = options
    this.#exchanges = new Exchanges(options, (then, now) => this.#peer.pair(then, now))
  }

  get unexpected(): number {
    return [...this.#exchanges.unexpected()].length
  }

  alive(): readonly DatagramFrame[] {
    return []
  }

  leave(): readonly DatagramFrame[] {
    return this.#peer.due(true)
  }

  recall(frame: DatagramFrame, packet: Packet<null>): Expected | undefined {
    const { type, code } = frame
    if (type === 'RST') return this.#recallReset(frame)
    if (type === 'ACK') return code === EMPTY ? undefined : this.#exchanges.recall(frame, spokenOf(frame))
    if (code === EMPTY || this.#peer.recalled(frame, packet)) return undefined
    const expected = this.#exchanges.recall(frame, spokenOf(frame))
    this.#peer.recall(frame, packet, expected)
    return expected
  }

  say(frame: DatagramFrame, packet: Packet<null>): Said<DatagramFrame> {
    const { type, code } = frame
    if (type === 'RST' || (type === 'ACK' && code === EMPTY)) return this.#peer.acknowledge(frame)
    if (type !== 'ACK' && this.#own.repeated(frame, packet)) return { action: 'skip' }
    if (code === EMPTY) return this.#send(frame, packet, 'ping', frame)
    if (!isRequest(code)) return this.#respond(frame, packet)
    this.#exchanges.ask(frame)
    const options = optionsAgain(frame, this.#options)
    return this.#send(frame, packet, 'request', { ...contentOf(frame), options })
  }

  hear(frame: DatagramFrame, packet: Packet<null>): readonly DatagramFrame[] {
    const { type, messageId, code } = frame
    if (type === 'ACK' || type === 'RST') {
      const sent = this.#own.live(messageId)
      sent?.received.meet()
      if (code !== EMPTY) this.#exchanges.hear(frame, spokenOf(frame))
      else if (type === 'RST' && sent?.kind === 'ping') this.#resets.hear(String(sent.recorded), undefined)
      else if (type === 'RST' && sent?.kind === 'request') this.#exchanges.hearAnswer(sent.token, spokenOf(frame))
      return this.#peer.due(false)
    }
    // A ping [RFC 7252 §4.3].
    if (code === EMPTY) return type === 'CON' ? [empty('RST', messageId)] : []
    const before = this.#peer.heard(frame, packet)
    if (before !== undefined) return type === 'CON' ? [acknowledgementOf(before)] : []
    const now = spokenOf(frame)
    this.#peer.hear(now, packet)
    if (!isRequest(code)) this.#own.answered(frame.token)
    this.#exchanges.hear(frame, now)
    return this.#peer.due(false)
  }

  /** What the peer did not understand [RFC 7252 §4.2]; of a ping, its answer. */
  #recallReset(frame: DatagramFrame): Expected | undefined {
    const sent = this.#own.recorded(frame.messageId)
    if (sent?.kind === 'request') return this.#exchanges.answered(sent.token, spokenOf(frame))
    if (sent?.kind !== 'ping') return undefined
    return this.#resets.recall(String(sent.recorded), undefined, `the answer to ping ${sent.recorded}`, false)
  }

  /** A response of ours, in the acknowledgement of the request or apart from it. */
  #respond(frame: DatagramFrame, packet: Packet<null>): Said<DatagramFrame> {
    const asked = this.#exchanges.answering(frame.token)
    if (asked instanceof Expected) return { action: 'wait', for: asked }
    if (asked === undefined) return { action: 'skip', reason: `nobody asked for the answer ${hex(frame.token)}` }
    const content = { ...contentOf(frame), token: asked.token }
    if (frame.type !== 'ACK') return this.#send(frame, packet, 'response', content)
    const piggybacked = asked.type === 'CON' && !asked.acknowledged
    asked.acknowledged = true
    if (piggybacked) {
      return { action: 'send', frames: [new Datagram({ ...content, type: 'ACK', messageId: asked.messageId })] }
    }
    const { messageId } = this.#own.send(frame, packet, 'response')
    return { action: 'send', frames: [new Datagram({ ...content, type: 'NON', messageId })] }
  }

  #send(
    frame: DatagramFrame,
    packet: Packet<null>,
    kind: 'ping' | 'request' | 'response',
    content: Content,
  ): Said<DatagramFrame> {
    const { messageId, received } = this.#own.send(frame, packet, kind)
    const { type, version } = frame
    const how = {
      orderly: kind !== 'response',
      insist: type === 'CON' ? { until: received, ...RETRANSMISSION } : undefined,
    }
    const same = messageId === frame.messageId && content.options === frame.options && content.token === frame.token
    if (same) return { action: 'same', ...how }
    return { action: 'send', ...how, frames: [new Datagram({ ...content, type, version, messageId })] }
  }
}

const contentOf = ({ code, token, options, payload }: Datagram): Content => ({ code, token, options, payload })
