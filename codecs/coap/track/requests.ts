import { Exchange, type Exchanges, type Packet, type Pending, type TrackOptions } from '../../core/index.ts'
import type { Datagram, Message } from '../frames.ts'
import type { Block } from '../option.ts'
import { codeName } from '../tables.ts'
import { Asked } from './asked.ts'
import { Blocks } from './blocks.ts'
import { classOf, codeText, type Head, headOf, identityOf, type Target, targetOf } from './head.ts'
import { CoapMessage, type Content, contentOf } from './message.ts'
import { isFresh, type Observation } from './observation.ts'
import { Observations } from './observations.ts'
import { Resources } from './resources.ts'
import type { Sent } from './sent.ts'

/** Tokens that are kept of one request: more than Q-Block has blocks under way. */
const MOST_TOKENS = 256

/** 4.08 with this says which blocks are missing: they are sent again, and all goes on [RFC 9177 §5]. */
const MISSING_BLOCKS = 272

/** A request or a response that is being taken. */
interface Taken {
  readonly head: Head
  readonly frame: Datagram | Message
  readonly packet: Packet
  readonly number: number
}

/** Whom a response is for. */
export interface Answered {
  readonly target: Target | undefined
  readonly observation: Observation | undefined
  /** What the request was sent in. */
  readonly sent: Sent | undefined
}

/** What one side asks of the other: requests with their responses, bodies in blocks, observations. */
export class Requests {
  readonly #out: TrackOptions['out']
  readonly #room: TrackOptions['room']
  readonly #ordered: boolean
  readonly #open: Pending<Asked>
  readonly #byToken = new Map<string, Asked>()
  /** Those that take several blocks. */
  readonly #byIdentity = new Map<string, Asked>()
  readonly #observations: Observations
  readonly #resources: Resources

  /** `ordered`: nothing overtakes on the way, so that notifications are in order, whatever their numbers say. */
  constructor(exchanges: Exchanges, { out, room }: TrackOptions, ordered: boolean) {
    this.#out = out
    this.#room = room
    this.#ordered = ordered
    this.#open = exchanges.group(asked => this.#forget(asked))
    this.#observations = new Observations(out, observation => this.#flush(observation))
    this.#resources = new Resources(out)
  }

  request(frame: Datagram | Message, packet: Packet, number: number): Asked {
    const taken = { head: headOf(frame, packet), frame, packet, number }
    const { head } = taken
    const { block1, qBlock1, block2, qBlock2 } = head.fields
    const up = block1 ?? qBlock1
    const down = block2 ?? qBlock2?.[0]
    const asked = this.#continued(taken, up, down) ?? this.#begin(taken, up ?? down)
    this.#addToken(asked, taken)
    if (up !== undefined && (up.more || up.num > 0)) this.#upload(asked, up, taken)
    else if (frame.payload !== undefined) {
      this.#out.message(new CoapMessage('publish', head, asked.target, contentOf(frame, packet, number)))
    }
    if (asked.silent && head.type !== 'CON') this.#open.abandon(asked, packet.time, UNWANTED)
    return asked
  }

  response(frame: Datagram | Message, packet: Packet, number: number): Answered {
    const taken = { head: headOf(frame, packet), frame, packet, number }
    const { token, fields } = taken.head
    const asked = this.#byToken.get(token)
    const observation = this.#observations.get(token)
    if (observation !== undefined && (asked === undefined || (asked.cancels && fields.observe !== undefined))) {
      this.#notification(observation, taken)
      return { target: observation.target, observation, sent: undefined }
    }
    if (asked === undefined) {
      if (carries(taken)) this.#deliver(taken.head, undefined, contentOf(frame, packet, number))
      return NOBODY
    }
    this.#answer(asked, taken)
    return { target: asked.target, observation: this.#observations.get(token), sent: asked.sent }
  }

  /** The request arrived; a response comes later, if any does. */
  acknowledged(asked: Asked, packet: Packet, number: number): void {
    asked.acknowledged = true
    if (asked.silent) this.#open.settle(asked, packet, number, true, 'ACK')
    else if (this.isOpen(asked)) asked.exchange.step('ACK', packet, number)
  }

  /** The peer could make nothing of the request. */
  reset(asked: Asked, packet: Packet, number: number): void {
    this.#open.settle(asked, packet, number, false, 'RST')
  }

  /** The peer no longer wants notifications [RFC 7641 §3.6]. */
  cancel({ token }: Observation, packet: Packet, number: number): void {
    this.#observations.remove(token, packet, number)
  }

  isOpen(asked: Asked): boolean {
    return this.#open.get(asked) !== undefined
  }

  /** The message that carried `asked` last can no longer be answered, nor sent again, at `time`. */
  expired(asked: Asked, sent: Sent, time: number): void {
    if (asked.sent !== sent || this.#conclude(asked, time) || asked.acknowledged) return
    this.#open.abandon(asked, time, 'no answer')
  }

  /** The connection is over, by the peer's word. */
  abort(time: number): void {
    for (const [asked] of this.#open.entries()) this.#open.abandon(asked, time, 'connection aborted')
  }

  /** Nothing more comes. What is not answered stays open. */
  end(time: number): void {
    for (const [asked] of this.#open.entries()) if (!this.#conclude(asked, time)) this.#forget(asked)
    for (const observation of this.#observations.all()) this.#flush(observation)
  }

  #begin({ head, packet, number }: Taken, block: Block | undefined): Asked {
    const target = targetOf(head)
    const id = head.token === '' ? head.messageId : head.token
    const exchange = new Exchange({ kind: kindOf(head), id, address: target.address }, packet, number)
    const asked = new Asked(exchange, head, target)
    if (block !== undefined) this.#byIdentity.set(asked.identity, asked)
    this.#open.begin(asked, exchange)
    // The rest of a notification's body is fetched by requests of their own.
    if (block !== undefined && block.num > 0) {
      const observation = this.#observations.find(asked.identity)
      asked.download = observation?.download
      if (observation !== undefined) observation.download = undefined
    }
    return asked
  }

  /** The open request that this one is another block of. */
  #continued({ head, packet, number }: Taken, up: Block | undefined, down: Block | undefined): Asked | undefined {
    if (up === undefined && down === undefined) return undefined
    const asked = this.#byIdentity.get(identityOf(head))
    if (asked === undefined) return undefined
    if ((up?.num ?? 0) > 0 || (down?.num ?? 0) > 0 || asked.upload?.begun === false) {
      asked.exchange.step(codeName(head.code) ?? head.code, packet, number)
      return asked
    }
    // Block 0 once more: the body is sent, or fetched, anew.
    if (!this.#conclude(asked, packet.time)) this.#open.abandon(asked, packet.time, SUPERSEDED)
    return undefined
  }

  #addToken(asked: Asked, { head: { token }, packet: { time } }: Taken): void {
    const before = this.#byToken.get(token)
    if (before !== undefined && before !== asked) this.#open.abandon(before, time, SUPERSEDED)
    this.#byToken.set(token, asked)
    asked.tokens.add(token)
    if (asked.tokens.size <= MOST_TOKENS) return
    const [oldest = token] = asked.tokens
    asked.tokens.delete(oldest)
    this.#byToken.delete(oldest)
  }

  #upload(asked: Asked, block: Block, { head, frame, packet, number }: Taken): void {
    asked.upload ??= new Blocks(this.#room.bytes, head, packet)
    const { upload } = asked
    upload.add(block, frame, packet, number)
    if (!upload.whole && (block.more || head.fields.qBlock1 !== undefined)) return
    asked.upload = undefined
    this.#out.message(new CoapMessage('publish', upload.head, asked.target, upload.finish()))
  }

  #answer(asked: Asked, taken: Taken): void {
    const { head, frame, packet, number } = taken
    const { code, fields } = head
    const ok = classOf(code) === 2
    const block = fields.block2 ?? fields.qBlock2?.[0]
    if ((asked.upload !== undefined && ok) || (code === '4.08' && fields.contentFormat === MISSING_BLOCKS)) {
      this.#answerInPart(asked, taken)
      return
    }
    if (ok && block !== undefined && (block.more || block.num > 0)) {
      this.#byIdentity.set(asked.identity, asked)
      const whole = this.#download(asked, block, taken)
      if (whole === undefined) {
        this.#answerInPart(asked, taken)
        return
      }
      this.#deliver(whole.head, asked.target, whole)
    } else if (carries(taken)) this.#deliver(head, asked.target, contentOf(frame, packet, number))
    this.#open.settle(asked, packet, number, ok, codeText(code))
    if (asked.registers) this.#register(asked, taken)
    if (asked.cancels) this.#observations.remove(head.token, packet, number)
    if (ok) this.#resources.answered(asked.target.address, head, packet, number)
  }

  #answerInPart(asked: Asked, taken: Taken): void {
    const { head, packet, number } = taken
    const outcome = codeText(head.code)
    asked.exchange.step(outcome, packet, number)
    if (asked.registers) this.#register(asked, taken)
    asked.part = { time: packet.time, number, outcome }
  }

  #register({ target, identity, part }: Asked, { head, packet, number }: Taken): void {
    const { token, code, fields } = head
    // Only the first block of a body has the option.
    if (part !== undefined) return
    if (fields.observe === undefined || classOf(code) !== 2) this.#observations.remove(token, packet, number)
    else {
      const [sequence, time] = [fields.observe, packet.time]
      this.#observations.add({ token, target, identity, sequence, time, download: undefined }, packet, number)
    }
  }

  #notification(observation: Observation, taken: Taken): void {
    const { head, frame, packet, number } = taken
    const { observe, block2, qBlock2 } = head.fields
    const { time } = packet
    const fresh = this.#ordered || observe === undefined || isFresh(observation, observe, time)
    const block = block2 ?? qBlock2?.[0]
    if (block?.more === true) this.#download(observation, block, taken)
    else {
      const late = fresh ? undefined : { outOfOrder: true }
      this.#deliver(head, observation.target, contentOf(frame, packet, number), late)
    }
    if (observe === undefined || classOf(head.code) !== 2) {
      this.#observations.remove(observation.token, packet, number)
    } else if (fresh) {
      observation.sequence = observe
      observation.time = time
    }
  }

  /** Takes a block of a body; what there is of it, once it is whole. */
  #download(of: Asked | Observation, block: Block, taken: Taken): (Content & { readonly head: Head }) | undefined {
    const { head, frame, packet, number } = taken
    const { qBlock2, etag } = head.fields
    const again = block.num === 0 && qBlock2 === undefined && of.download?.begun === true
    const before = of.download?.head.fields.etag?.[0]
    if (again || (before !== undefined && etag !== undefined && before !== etag[0])) this.#flush(of)
    of.download ??= new Blocks(this.#room.bytes, head, packet)
    const { download } = of
    download.add(block, frame, packet, number)
    if (!download.whole && (block.more || qBlock2 !== undefined)) return undefined
    of.download = undefined
    return { ...download.finish(), head: download.head }
  }

  /** A request that was answered in part, or need not be answered, ends as that; false where it still waits. */
  #conclude(asked: Asked, time: number): boolean {
    const { part } = asked
    if (part !== undefined && asked.upload !== undefined) this.#open.abandon(asked, time, 'body not sent whole')
    else if (part !== undefined) {
      // The step that it was is the answer now.
      if (asked.exchange.steps?.at(-1)?.frame === part.number) asked.exchange.steps.pop()
      this.#open.settle(asked, part, part.number, true, `${part.outcome}, not fetched whole`)
    } else if (asked.hushed) this.#open.abandon(asked, time, UNWANTED)
    else return false
    return true
  }

  #forget(asked: Asked): void {
    for (const token of asked.tokens) if (this.#byToken.get(token) === asked) this.#byToken.delete(token)
    if (this.#byIdentity.get(asked.identity) === asked) this.#byIdentity.delete(asked.identity)
    const { upload } = asked
    asked.upload = undefined
    if (upload !== undefined) {
      this.#out.message(new CoapMessage('publish', upload.head, asked.target, upload.finish()))
    }
    this.#flush(asked)
  }

  /** Tells of a body as far as it came. */
  #flush(of: Asked | Observation): void {
    const { download } = of
    of.download = undefined
    if (download !== undefined) this.#deliver(download.head, of.target, download.finish())
  }

  #deliver(head: Head, target: Target | undefined, content: Content, more?: Readonly<Record<string, unknown>>): void {
    this.#out.message(new CoapMessage('deliver', head, target, content, more))
  }
}

/** The outcome of a request that asked for silence [RFC 7967]. */
const UNWANTED = 'no response wanted'
const SUPERSEDED = 'superseded'

const NOBODY: Answered = { target: undefined, observation: undefined, sent: undefined }

/** Whether a response brings a representation. What an error brings without a Content-Format is for people to read. */
const carries = ({ head, frame }: Taken): boolean =>
  frame.payload !== undefined && (classOf(head.code) === 2 || head.fields.contentFormat !== undefined)

function kindOf({ code, fields }: Head): string {
  if (fields.observe === 0) return 'observe'
  if (fields.observe === 1) return 'observe-cancel'
  return codeName(code)?.toLowerCase() ?? code
}
